// Amounts of money, never as floating point.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::telephony {

// A decimal number ("-0.03000", "1.5", "12") in millionths; nothing when the text is something else, has more than
// millionths that are not zero, or does not fit.
std::optional<int64_t> ParseMicros(std::string_view decimal);

// An amount; nothing when the number or the currency (three letters) is malformed.
std::optional<calls::v1::Money> ParseMoney(std::string_view decimal, std::string_view currency);

// "0.0085": as few decimals as the amount needs, at least two.
std::string FormatMicros(int64_t micros);

}  // namespace trunkline::telephony
