// The refusals of a manager interface in Trunkline's terms.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/providers/sip/ami/message.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::sip {

// Of an answer that says no: its text decides.
calls::v1::CallError ErrorOfAnswer(std::string_view text);
// The same as a status (provider_status.h). OK for an answer that says yes.
absl::Status StatusOfAnswer(const ami::Message& answer);
// Of a request that brought no answer (ami/session.h) and may be repeated.
absl::Status StatusOfSession(const absl::Status& asked);
// The account has no manager connection.
calls::v1::CallError NoManagerError();

}  // namespace trunkline::providers::sip
