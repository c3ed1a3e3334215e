// How a simulated platform treats an account: what goes wrong, and which of its undocumented ways it has. By
// `PUT /twin/PLATFORM/behaviour`. What is a probability is a number from 0 to 1, drawn for each request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace trunkline::twin::tracking {

struct Behaviour {
  // How requests are answered, instead of the answer.
  double rate_limited = 0;
  double server_error = 0;               // 500; not carried out
  double unavailable = 0;                // 503; not carried out
  double time_out = 0;                   // carried out, answered after Settings::slow_reply_ms
  double lost = 0;                       // carried out, the connection closes
  double truncated = 0;                  // carried out, half of the body
  double partial = 0;                    // of lists: half of the calls; Ringba says so by partialResult
  double empty = 0;                      // of lists: no calls, as if there were none
  double retry_after_seconds = 0;        // told with 429 and 503; 0: nothing is told
  bool rate_limited_as_success = false;  // Ringba: status 200, and isRateLimited in the body

  // What happens after a page that is not the last.
  double grow = 0;         // a call begins
  double touch = 0;        // calls of the account change
  double shrink = 0;       // calls that were read leave the list, until a list is begun anew
  double moved_calls = 5;  // how many touch and shrink take

  double clock_ahead_seconds = 0;  // of the platform's clock, before ours or, negative, behind
  double api_lag_ms = 0;           // a call that begins can be seen so much later than its webhook is sent

  double bearer_seconds = 3599;  // Ringba: how long a bearer token lives

  bool updated_filter = false;                    // Retreaver updated_at_start, TrackDrive updated_at_from
  bool ended_filter = true;                       // TrackDrive ended_at_from and _to
  bool link_header = true;                        // Retreaver
  std::string cursor = "number";                  // TrackDrive: "number", "text", "repeated"
  bool empty_last_page = false;                   // TrackDrive: the cursor after the last call leads to an empty page
  std::string payload = "wrapped";                // TrackDrive's webhooks: "wrapped", "flat", "named"
  bool event_callbacks = true;                    // Ringba: the account's API has them
  bool insights = true;                           // Ringba
  bool out_of_stock = false;                      // Ringba: no number is to be had
  std::vector<std::string> unknown_columns = {};  // Ringba
};

// With those changed that the JSON object names; INVALID_ARGUMENT names what is wrong.
absl::StatusOr<Behaviour> ChangeBehaviour(Behaviour behaviour, std::string_view json);
// INVALID_ARGUMENT that a member must be something else: "an amount, as text".
absl::Status WrongMember(std::string_view name, std::string_view what);
// As a JSON object.
std::string RenderBehaviour(const Behaviour& behaviour);

}  // namespace trunkline::twin::tracking
