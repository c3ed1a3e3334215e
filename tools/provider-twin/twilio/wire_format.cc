#include "tools/provider-twin/twilio/wire_format.h"

#include <algorithm>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin::twilio {

std::string NewSid(std::string_view prefix) { return Concat(prefix, HexEncode(RandomBytes(16))); }

std::string Rfc2822(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", time, absl::UTCTimeZone());
}

std::string FormatNumber(std::string_view number) {
  if (!IsPhoneNumber(number) || !number.starts_with("+1") || number.size() != 12) return std::string(number);
  return Concat("(", number.substr(2, 3), ") ", number.substr(5, 3), "-", number.substr(8));
}

bool IsPhoneNumber(std::string_view text) {
  return text.starts_with('+') && text.size() >= 9 && text.size() <= 16 &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsDialable(std::string_view text) {
  if (text.starts_with("client:")) return text.size() > 7;
  if (text.starts_with("sip:")) return text.find('@') != std::string_view::npos;
  return IsPhoneNumber(text);
}

bool IsUrl(std::string_view text) {
  const size_t scheme = text.starts_with("http://") ? 7 : (text.starts_with("https://") ? 8 : 0);
  if (scheme == 0) return false;
  const std::string_view host = text.substr(scheme, text.find_first_of("/?#", scheme) - scheme);
  return !host.empty() && host.find('_') == std::string_view::npos && text.find(' ') == std::string_view::npos;
}

}  // namespace trunkline::twin::twilio
