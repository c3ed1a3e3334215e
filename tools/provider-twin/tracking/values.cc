#include "tools/provider-twin/tracking/values.h"

#include <algorithm>
#include <array>

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin::tracking {
namespace {

constexpr int64_t kPerUnit = 10'000;
constexpr size_t kDecimals = 4;

std::string WithDecimals(int64_t amount, size_t least) {
  const bool negative = amount < 0;
  const int64_t size = negative ? -amount : amount;
  std::string decimals = Concat(kPerUnit + size % kPerUnit).substr(1);
  while (decimals.size() > least && decimals.back() == '0') decimals.pop_back();
  return Concat(negative ? "-" : "", size / kPerUnit, decimals.empty() ? "" : ".", decimals);
}

}  // namespace

std::string FourDecimals(int64_t amount) { return WithDecimals(amount, kDecimals); }
std::string Shortest(int64_t amount) { return WithDecimals(amount, 0); }
std::string TwoDecimals(int64_t amount) { return WithDecimals(amount, 2); }

std::optional<int64_t> AmountIn(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  std::string decimals(point == std::string_view::npos ? std::string_view() : text.substr(point + 1));
  decimals.resize(kDecimals, '0');
  const auto whole = ParseInt(text.substr(0, point));
  const auto fraction = ParseInt(decimals);
  if (!whole || !fraction || *whole < 0 || *fraction < 0) return std::nullopt;
  const int64_t amount = *whole * kPerUnit + *fraction;
  return negative ? -amount : amount;
}

std::string PhoneOf(int64_t digits) { return digits == 0 ? std::string() : Concat("+", digits); }

int64_t DigitsOf(std::string_view phone) {
  if (phone.starts_with('+')) phone.remove_prefix(1);
  return std::max<int64_t>(ParseInt(phone).value_or(0), 0);
}

std::string UtcTime(int64_t unix_ms) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(unix_ms), absl::UTCTimeZone());
}

std::optional<int64_t> TimeIn(std::string_view text) {
  constexpr std::array<const char*, 6> kForms = {
      "%Y-%m-%d%ET%H:%M:%E*S%Ez", "%Y-%m-%d%ET%H:%M:%E*S",   "%Y-%m-%d",
      "%Y-%m-%d %H:%M:%E*S %Ez",  "%Y-%m-%d %H:%M:%E*S UTC", "%Y-%m-%d %H:%M:%E*S"};
  absl::Time time;
  for (const char* form : kForms) {
    if (absl::ParseTime(form, ToAbsl(text), &time, nullptr)) return absl::ToUnixMillis(time);
  }
  return std::nullopt;
}

std::string Quoted(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](unsigned char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
  if (plain) return Concat("\"", text, "\"");
  return WriteJson(nlohmann::json(text));
}

ObjectText& ObjectText::Raw(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_.push_back(',');
  text_.append(Quoted(name)).append(":").append(json);
  return *this;
}

}  // namespace trunkline::twin::tracking
