// Values as the platforms write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace trunkline::twin::tracking {

// Of 1/10,000: "32.5000".
std::string FourDecimals(int64_t amount);
// As a JSON number, or a text of as many digits as it needs: "32.5", "0".
std::string Shortest(int64_t amount);
// "32.50"; more digits where there are.
std::string TwoDecimals(int64_t amount);
// Of a decimal text or number; nothing when it is none.
std::optional<int64_t> AmountIn(std::string_view text);

// "+12025550143"; empty for 0.
std::string PhoneOf(int64_t digits);
// 0 when it is no number.
int64_t DigitsOf(std::string_view phone);

// "2026-03-02T14:05:11.204Z"
std::string UtcTime(int64_t unix_ms);
// RFC 3339, "2026-03-02 14:00:00 +0000", a date, ...; nothing when it is none of these.
std::optional<int64_t> TimeIn(std::string_view text);

// A JSON text.
std::string Quoted(std::string_view text);

// A JSON object that grows by members, in their order: many thousand are written for one page of calls.
class ObjectText {
 public:
  ObjectText& Text(std::string_view name, std::string_view value) { return Raw(name, Quoted(value)); }
  // null for an empty one.
  ObjectText& TextOrNull(std::string_view name, std::string_view value) {
    return value.empty() ? Null(name) : Text(name, value);
  }
  ObjectText& Number(std::string_view name, int64_t value) { return Raw(name, std::to_string(value)); }
  ObjectText& Flag(std::string_view name, bool value) { return Raw(name, value ? "true" : "false"); }
  ObjectText& Null(std::string_view name) { return Raw(name, "null"); }
  // JSON as it stands.
  ObjectText& Raw(std::string_view name, std::string_view json);
  bool empty() const { return text_.size() == 1; }
  std::string Take() { return std::move(text_.append("}")); }

 private:
  std::string text_ = "{";
};

// Joined by commas, in brackets.
class ArrayText {
 public:
  ArrayText& Add(std::string_view json) {
    if (text_.size() > 1) text_.push_back(',');
    text_.append(json);
    return *this;
  }
  std::string Take() { return std::move(text_.append("]")); }

 private:
  std::string text_ = "[";
};

}  // namespace trunkline::twin::tracking
