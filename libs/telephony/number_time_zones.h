// The time zones that a phone number can be in, from its first digits.
//
// The data (number_time_zones_data.inc) is made from that of Google's libphonenumber by
// tools/number-time-zones/make_number_time_zones.py.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace trunkline::telephony {

// IANA names in alphabetical order, of a number in E.164: those of the longest prefix that is known, which are all
// zones of its country when nothing closer is known (mobile and toll-free numbers). Empty when nothing is known, or
// when the number belongs to no country. The names live as long as the program.
std::vector<std::string_view> TimeZonesOfNumber(std::string_view e164);

// Every name that TimeZonesOfNumber can give, in alphabetical order.
std::span<const std::string_view> TimeZonesOfNumbers();

}  // namespace trunkline::telephony
