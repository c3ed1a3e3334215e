#include "libs/tracking/amount.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::tracking {
namespace {

constexpr int64_t kPerUnit = 10'000;
constexpr size_t kDecimals = 4;
constexpr int64_t kMicrosPerAmount = 100;
constexpr size_t kMostDigits = 12;  // of whole units, so that the amount fits as millionths too
constexpr size_t kGroup = 3;

// The digits of a whole number; nothing when its commas are not those between thousands.
std::optional<std::string> WholeDigits(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return std::string(text);
  std::string digits;
  bool first = true;
  for (const std::string_view group : Split(text, ',')) {
    if (first ? group.empty() || group.size() > kGroup : group.size() != kGroup) return std::nullopt;
    digits += group;
    first = false;
  }
  return digits;
}

}  // namespace

std::optional<int64_t> ParseAmount(std::string_view text) {
  text = Trim(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('$')) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  std::optional<std::string> whole = WholeDigits(text.substr(0, point));
  if (!whole.has_value() || !AreDigits(Concat(*whole, fraction))) return std::nullopt;
  whole->erase(0, std::min(whole->find_first_not_of('0'), whole->size()));
  if (whole->size() > kMostDigits) return std::nullopt;

  std::string kept(fraction.substr(0, kDecimals));
  kept.append(kDecimals - kept.size(), '0');
  int64_t amount = ParseInt(Concat(*whole, kept)).value_or(0);
  const std::string_view rest = fraction.size() > kDecimals ? fraction.substr(kDecimals) : std::string_view();
  if (!rest.empty()) {
    const bool more_follows = rest.find_first_not_of('0', 1) != std::string_view::npos;
    const bool up = rest[0] > '5' || (rest[0] == '5' && (more_follows || amount % 2 != 0));
    if (up) ++amount;
  }
  return negative ? -amount : amount;
}

std::string FormatAmount(int64_t amount) {
  const uint64_t magnitude = amount < 0 ? 0 - static_cast<uint64_t>(amount) : static_cast<uint64_t>(amount);
  std::string fraction = Concat(magnitude % kPerUnit);
  fraction.insert(0, kDecimals - fraction.size(), '0');
  return Concat(amount < 0 ? "-" : "", magnitude / kPerUnit, ".", fraction);
}

calls::v1::Money ToMoney(int64_t amount, std::string_view currency) {
  calls::v1::Money money;
  money.set_currency(std::string(currency));
  money.set_micros(amount * kMicrosPerAmount);
  return money;
}

}  // namespace trunkline::tracking
