#include "libs/telephony/money.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::telephony {
namespace {

constexpr int kDecimals = 6;
constexpr int64_t kMicros = 1'000'000;
constexpr size_t kFewestDecimals = 2;

}  // namespace

std::optional<int64_t> ParseMicros(std::string_view decimal) {
  const bool negative = decimal.starts_with('-');
  if (negative) decimal.remove_prefix(1);
  const size_t point = decimal.find('.');
  const std::string_view whole = decimal.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view() : decimal.substr(point + 1);
  if (whole.empty() || !std::all_of(whole.begin(), whole.end(), IsDigit)) return std::nullopt;
  if (!std::all_of(fraction.begin(), fraction.end(), IsDigit)) return std::nullopt;
  if (point != std::string_view::npos && fraction.empty()) return std::nullopt;
  while (fraction.size() > kDecimals && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > kDecimals) return std::nullopt;

  std::string digits(whole);
  digits += fraction;
  digits.append(kDecimals - fraction.size(), '0');
  const std::optional<int64_t> micros = ParseInt(digits);
  if (!micros.has_value()) return std::nullopt;
  return negative ? -*micros : *micros;
}

std::optional<calls::v1::Money> ParseMoney(std::string_view decimal, std::string_view currency) {
  const std::optional<int64_t> micros = ParseMicros(decimal);
  const bool is_code = currency.size() == 3 && std::all_of(currency.begin(), currency.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                       });
  if (!micros.has_value() || !is_code) return std::nullopt;
  calls::v1::Money money;
  money.set_micros(*micros);
  for (const char c : currency) money.mutable_currency()->push_back(static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c));
  return money;
}

std::string FormatMicros(int64_t micros) {
  // Of the unsigned magnitude, which the smallest number has and its negation does not.
  const uint64_t magnitude = micros < 0 ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string fraction = Concat(magnitude % kMicros);
  fraction.insert(0, kDecimals - fraction.size(), '0');
  while (fraction.size() > kFewestDecimals && fraction.back() == '0') fraction.pop_back();
  return Concat(micros < 0 ? "-" : "", magnitude / kMicros, ".", fraction);
}

}  // namespace trunkline::telephony
