// Where a call object of Ringba's contradicts itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::tracking::ringba {

// In words; empty for a record in order, and for what is no call object.
std::vector<std::string> ContradictionsOf(std::string_view body);

}  // namespace trunkline::tracking::ringba
