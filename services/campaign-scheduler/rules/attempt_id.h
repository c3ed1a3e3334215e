// The id of an attempt: it follows from its contact and its number, so that whoever goes on with a campaign asks
// governor and gateway for the same thing again.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::scheduler {

// `number` counts the contact's attempts from 1, those that were not dialled too.
std::string AttemptIdOf(std::string_view contact_id, int number);

}  // namespace trunkline::scheduler
