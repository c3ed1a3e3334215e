#include "libs/base/trace.h"

#include <algorithm>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

constexpr size_t kTraceIdSize = 32;
constexpr size_t kSpanIdSize = 16;

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsAllZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

std::string RandomHex(size_t bytes, const RandomSource& random) {
  std::string raw(bytes, '\0');
  random(reinterpret_cast<unsigned char*>(raw.data()), raw.size());
  return HexEncode(raw);
}

TraceContext& ThreadTrace() {
  thread_local TraceContext trace;
  return trace;
}

}  // namespace

bool TraceContext::IsValid() const {
  return trace_id.size() == kTraceIdSize && span_id.size() == kSpanIdSize && IsLowerHex(trace_id) &&
         IsLowerHex(span_id) && !IsAllZero(trace_id) && !IsAllZero(span_id);
}

std::string TraceContext::ToTraceparent() const {
  return IsValid() ? Concat("00-", trace_id, "-", span_id, sampled ? "-01" : "-00") : std::string();
}

TraceContext ParseTraceparent(std::string_view header) {
  const auto parts = Split(Trim(header), '-');
  if (parts.size() < 4 || parts[0].size() != 2 || !IsLowerHex(parts[0]) || parts[0] == "ff") return {};
  // Version 00 has exactly four parts; later versions may have more, of which we read the first four.
  if (parts[0] == "00" && parts.size() != 4) return {};
  if (parts[3].size() != 2 || !IsLowerHex(parts[3])) return {};
  const std::string flags = HexDecode(parts[3]).value_or(std::string(1, '\0'));
  TraceContext trace{std::string(parts[1]), std::string(parts[2]), (flags[0] & 1) != 0};
  return trace.IsValid() ? trace : TraceContext{};
}

TraceContext ChildOf(const TraceContext& parent, const RandomSource& random) {
  TraceContext child = parent;
  if (!parent.IsValid()) {
    child.trace_id = RandomHex(kTraceIdSize / 2, random);
    child.sampled = true;
  }
  child.span_id = RandomHex(kSpanIdSize / 2, random);
  return child;
}

TraceContext CurrentTrace() { return ThreadTrace(); }

TraceScope::TraceScope(TraceContext trace) : previous_(std::exchange(ThreadTrace(), std::move(trace))) {}
TraceScope::~TraceScope() { ThreadTrace() = std::move(previous_); }

}  // namespace trunkline
