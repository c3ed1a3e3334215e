#include "libs/tracking/object_reader.h"

#include <algorithm>
#include <optional>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking {
namespace {

constexpr size_t kLongestRemark = 40;
constexpr size_t kMostTags = 200;

}  // namespace

const nlohmann::json* ObjectReader::FindValue(Names names) const {
  for (const std::string_view name : names) {
    const nlohmann::json* member = FindMember(object_, name);
    if (member == nullptr || member->is_null()) continue;
    if (member->is_structured() || !IsPlaceholder(TextOf(*member))) return member;
  }
  return nullptr;
}

bool ObjectReader::Tells(Names names) const {
  if (extent_ == Extent::kRecord) return true;
  return std::any_of(names.begin(), names.end(),
                     [this](std::string_view name) { return FindMember(object_, name) != nullptr; });
}

std::string ObjectReader::RawText(Names names) const {
  const nlohmann::json* value = FindValue(names);
  return value == nullptr ? std::string() : TextOf(*value);
}

Told<std::string> ObjectReader::Text(Names names) const {
  if (!Tells(names)) return {};
  return Told<std::string>::Maybe(ToText(RawText(names)));
}

Told<std::string> ObjectReader::Phone(Names names) {
  if (!Tells(names)) return {};
  return Told<std::string>::Maybe(ParsePhone(RawText(names)));
}

void ObjectReader::Caller(Names names, TrackedCall* call) {
  if (!Tells(names)) return;
  const std::string raw = RawText(names);
  call->caller = Told<std::string>::Maybe(ParsePhone(raw));
  call->raw_caller = call->caller.has_value() ? Told<std::string>::None() : Told<std::string>::Maybe(ToText(raw));
}

Told<absl::Time> ObjectReader::Time(Names names) {
  if (!Tells(names)) return {};
  const std::string raw = RawText(names);
  const WireTime parsed = ParseTime(raw);
  if (parsed.is_naive) Remark(Remark::Kind::kNaiveTime, raw);
  // The year 1 stands for "none" and is no surprise.
  if (!parsed.time.has_value() && !raw.empty() && !raw.starts_with("0001-")) Remark(Remark::Kind::kBadTime, raw);
  return Told<absl::Time>::Maybe(parsed.time);
}

Told<int64_t> ObjectReader::Seconds(Names names) const {
  if (!Tells(names)) return {};
  return Told<int64_t>::Maybe(ParseSeconds(RawText(names)));
}

Told<int64_t> ObjectReader::Amount(Names names) {
  if (!Tells(names)) return {};
  const std::string raw = RawText(names);
  const std::optional<int64_t> amount = ParseAmount(raw);
  if (!amount.has_value() && !raw.empty()) Remark(Remark::Kind::kBadMoney, raw);
  return Told<int64_t>::Maybe(amount);
}

Told<bool> ObjectReader::Flag(Names names) {
  if (!Tells(names)) return {};
  const std::string raw = RawText(names);
  const std::optional<bool> flag = ParseFlag(raw);
  if (!flag.has_value()) Remark(Remark::Kind::kUnknownBoolean, raw);
  return Told<bool>::Of(flag.value_or(false));
}

void ObjectReader::Remark(Remark::Kind kind, std::string_view raw) {
  remarks_.push_back({kind, ToStorableText(raw.substr(0, kLongestRemark))});
}

void AddTag(std::string_view name, const nlohmann::json& value, Tags* tags, std::vector<Remark>* remarks) {
  const std::optional<std::string> key = ToText(name);
  const std::optional<std::string> text = value.is_structured() ? std::nullopt : ToText(TextOf(value));
  if (!key.has_value() || !text.has_value()) return;
  if (tags->size() >= kMostTags && !tags->contains(*key)) {
    const bool remarked = std::any_of(remarks->begin(), remarks->end(),
                                      [](const Remark& remark) { return remark.kind == Remark::Kind::kTooManyTags; });
    if (!remarked) remarks->push_back({Remark::Kind::kTooManyTags});
    return;
  }
  (*tags)[*key] = *text;
}

void AddTags(const nlohmann::json& object, Tags* tags, std::vector<Remark>* remarks) {
  if (!object.is_object()) return;
  for (const auto& [name, value] : object.items()) AddTag(name, value, tags, remarks);
}

}  // namespace trunkline::tracking
