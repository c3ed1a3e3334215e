// Amounts of money as platforms write them, in 1/10,000 of the unit; never as floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::tracking {

// "32.5", "-0.08", "$1,250.00": an optional sign, an optional '$', digits with or without commas between thousands, an
// optional fraction; rounded half to even at the fourth decimal. Nothing for anything else, an exponent included, and
// for what does not fit.
std::optional<int64_t> ParseAmount(std::string_view text);

// "32.5000"
std::string FormatAmount(int64_t amount);

calls::v1::Money ToMoney(int64_t amount, std::string_view currency);

}  // namespace trunkline::tracking
