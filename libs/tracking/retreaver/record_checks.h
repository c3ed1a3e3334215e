// Where a call object of Retreaver's contradicts itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::tracking::retreaver {

// In words; empty for a record in order, and for what is no call object.
std::vector<std::string> ContradictionsOf(std::string_view body);

}  // namespace trunkline::tracking::retreaver
