// What calling a number may mean, beyond an ordinary call.
#pragma once

#include <string_view>

namespace trunkline::telephony {

enum class NumberKind {
  kOrdinary,
  kPremiumRate,  // the called party earns from the call
  kSharedCost,   // dearer than an ordinary call, in some countries by far
  kEmergency,    // reaches an emergency service where it is dialled within its country
};

// Of a number in E.164. A number of a range that is not known is ordinary.
NumberKind KindOf(std::string_view e164);

// How many digits the country code of the number has; 0 when it has none that is known.
int CountryCodeDigits(std::string_view e164);

}  // namespace trunkline::telephony
