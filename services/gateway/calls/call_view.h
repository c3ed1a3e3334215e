// A call as the API shows it, of the two places that know of it: the normalizer's state, and the gateway's own ledger,
// whose facts the normalizer may not have yet. The two states are merged like any events, so that a call reads the same
// whichever of the two is ahead.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "trunkline/calls/v1/call_state.pb.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

// A row of dial_intents, with the attempts before its own.
struct DialView {
  control::v1::DialState state = control::v1::DIAL_STATE_UNSPECIFIED;
  absl::Time committed_at;
  int64_t attempt = 1;
  absl::Time attempt_committed_at;
  std::string provider_account_id;
  std::string from;
  std::vector<control::v1::DialAttempt> earlier;
  std::optional<absl::Time> resolved_at;
  std::string resolved_by;
  calls::v1::CallState facts;
};

// At least one of the two is there.
control::v1::Call ShowCall(const std::optional<calls::v1::CallState>& normalized, const std::optional<DialView>& dial);

// Between the states' names in SQL ("in_doubt") and the API's.
control::v1::DialState DialStateOf(std::string_view name);
std::string NameOf(control::v1::DialState state);

}  // namespace trunkline::gateway
