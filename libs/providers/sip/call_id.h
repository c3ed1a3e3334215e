// Which of Trunkline's calls something of an exchange belongs to. Calls that Trunkline places get its call_id as the id
// of their first channel, which becomes the Linkedid of all their channels; the id of any other call follows from its
// Linkedid.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::providers::sip {

// `external_call_id` is a Linkedid.
std::string CallIdOf(std::string_view account_id, std::string_view external_call_id);

// The ActionID under which a call is placed; the one thing that names the call when no channel came about.
std::string ActionIdOf(std::string_view call_id);
// The call of such an ActionID; empty for any other.
std::string CallIdOfActionId(std::string_view action_id);

}  // namespace trunkline::providers::sip
