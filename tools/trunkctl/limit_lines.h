// Limits, what is in use of them and whether a slot could be had, as lines for people.
#pragma once

#include <string>

#include "trunkline/governor/v1/governor_service.pb.h"

namespace trunkline::trunkctl {

// "business 0190b2c3-...: 20 calls, guaranteed 5, 10 a second".
std::string Line(const governor::v1::LevelLimits& limits);
// A table with a row for each level.
std::string Table(const governor::v1::Usage& usage);
// "shut    business 0190b2c3-...  calls in progress  20 of 20": a step on the way to a call, and whether one more may
// take it. What explains why a call is not placed says each of its steps so.
std::string Line(const governor::v1::Gate& gate);

}  // namespace trunkline::trunkctl
