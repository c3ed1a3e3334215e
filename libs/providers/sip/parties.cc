#include "libs/providers/sip/parties.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::sip {
namespace {

// Shorter numbers are extensions and short codes, which no country code makes a number.
constexpr size_t kLongestExtension = 6;
constexpr size_t kShortestInternational = 11;

}  // namespace

std::optional<std::string> PartyOf(std::string_view text, std::string_view default_region) {
  text = Trim(text);
  const bool letter = text.size() == 1 && (text[0] < '0' || text[0] > '9');
  if (text.empty() || text == "<unknown>" || letter) return std::nullopt;
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return telephony::ToParty(text, default_region);
  if (text.size() <= kLongestExtension) return std::string(text);
  if (!default_region.empty()) {
    if (auto number = telephony::ToE164(text, default_region); number.has_value()) return number;
  }
  if (text.size() >= kShortestInternational && text.front() != '0') {
    if (auto number = telephony::ToE164(Concat("+", text)); number.has_value()) return number;
  }
  return std::string(text);
}

}  // namespace trunkline::providers::sip
