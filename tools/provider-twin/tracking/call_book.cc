#include "tools/provider-twin/tracking/call_book.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/tracking/draws.h"

namespace trunkline::twin::tracking {
namespace {

constexpr size_t kUuidLength = 36;
constexpr size_t kLastGroup = 24;

}  // namespace

std::string UuidCallIds::Render(uint64_t seed, uint32_t number) const {
  Draws draws(seed);
  const uint64_t bits = draws.Next();
  std::array<char, kUuidLength + 1> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-9%03x-%012x", static_cast<uint32_t>(bits >> 32),
                static_cast<uint32_t>(bits >> 16 & 0xFFFF), static_cast<uint32_t>(bits >> 4 & 0xFFF),
                static_cast<uint32_t>(draws.Next() & 0xFFF), number);
  return text.data();
}

std::optional<uint32_t> UuidCallIds::NumberIn(std::string_view id) const {
  if (id.size() != kUuidLength) return std::nullopt;
  uint64_t number = 0;
  const char* end = id.data() + id.size();
  const auto read = std::from_chars(id.data() + kLastGroup, end, number, 16);
  if (read.ptr != end || read.ec != std::errc() || number > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(number);
}

CallBook::CallBook(const CallIds& ids)
    : ids_(ids),
      by_start_([this](uint32_t number) { return calls_[number].started_ms; }),
      by_change_([this](uint32_t number) { return calls_[number].changed_ms; }),
      by_end_([this](uint32_t number) { return calls_[number].MsOf(Stage::kEnded); }) {}

uint32_t CallBook::Add(const Call& call, std::string own_id) {
  const auto number = static_cast<uint32_t>(calls_.size());
  calls_.push_back(call);
  if (!own_id.empty()) {
    own_ids_[own_id] = number;
    extras_[number].id = std::move(own_id);
  }
  Insert(number);
  return number;
}

std::string CallBook::IdOf(uint32_t number) const {
  const CallExtras* extras = FindExtras(number);
  return extras != nullptr && !extras->id.empty() ? extras->id : ids_.Render(calls_[number].seed, number);
}

std::optional<uint32_t> CallBook::Find(std::string_view id) const {
  std::optional<uint32_t> number;
  if (const auto own = own_ids_.find(std::string(id)); own != own_ids_.end()) {
    number = own->second;
  } else {
    number = ids_.NumberIn(id);
    if (!number.has_value() || *number >= calls_.size() || IdOf(*number) != id) return std::nullopt;
  }
  return IsRemoved(*number) || held_back_.contains(*number) ? std::nullopt : number;
}

const CallExtras* CallBook::FindExtras(uint32_t number) const {
  const auto found = extras_.find(number);
  return found == extras_.end() ? nullptr : &found->second;
}

bool CallBook::IsListed(uint32_t number) const {
  return !hidden_.contains(number) && !held_back_.contains(number) && !IsRemoved(number);
}

void CallBook::Insert(uint32_t number) {
  if (!IsListed(number)) return;
  by_start_.Insert(number);
  by_change_.Insert(number);
  if (calls_[number].HasEnded()) by_end_.Insert(number);
}

void CallBook::Erase(uint32_t number) {
  if (!IsListed(number)) return;
  by_start_.Erase(number);
  by_change_.Erase(number);
  if (calls_[number].HasEnded()) by_end_.Erase(number);
}

void CallBook::Hide(uint32_t number) {
  Erase(number);
  hidden_.insert(number);
}

void CallBook::ShowAll() {
  const std::unordered_set<uint32_t> hidden = std::move(hidden_);
  hidden_.clear();
  for (const uint32_t number : hidden) Insert(number);
}

void CallBook::HoldBack(uint32_t number) {
  Erase(number);
  held_back_.insert(number);
}

void CallBook::LetOut(uint32_t number) {
  if (held_back_.erase(number) > 0) Insert(number);
}

void CallBook::Remove(uint32_t number, int64_t now_ms) {
  Erase(number);
  calls_[number].deleted_ms = now_ms;
  removed_.insert(number);
}

void CallBook::Clear() {
  by_start_.Clear();
  by_change_.Clear();
  by_end_.Clear();
  calls_.clear();
  extras_.clear();
  own_ids_.clear();
  removed_.clear();
  held_back_.clear();
  hidden_.clear();
}

}  // namespace trunkline::twin::tracking
