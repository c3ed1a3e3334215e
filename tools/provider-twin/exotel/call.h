// One simulated call.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tools/provider-twin/script.h"

namespace trunkline::twin::exotel {

struct Call {
  std::string sid;
  std::string account_sid;
  bool inbound = false;
  std::string from;  // dialled first, or the caller
  std::string to;    // connected to; empty for a call to a flow
  std::string exophone;
  std::string flow_url;
  std::string custom_field;
  std::string campaign_sid;  // of the campaign that dialled it

  std::string status_callback;
  bool json_callback = false;
  bool wants_answered = false;
  bool wants_terminal = false;
  std::string passthru_url;  // of the flow
  std::string end_url;       // of the flow's last applet
  std::deque<std::string> digits;
  bool record = false;
  absl::Duration ring_timeout = absl::Seconds(30);
  absl::Duration patience = absl::Minutes(5);

  std::string status = "queued";
  std::string leg1;
  std::string leg2;
  std::string answered_by = "NA";
  absl::Time created;
  absl::Time updated;
  std::optional<absl::Time> started;   // the first leg picked up
  std::optional<absl::Time> answered;  // the parties talk
  std::optional<absl::Time> ended;
  int64_t leg1_seconds = 0;  // simulated
  int64_t talk_seconds = 0;
  std::string end_reason;  // for people who read the control API
  Script script;

  // The number whose digits chose the story.
  const std::string& DialedNumber() const { return to.empty() && !inbound ? from : to; }
};

using CallPtr = std::shared_ptr<Call>;

// {"Sid":...}: the call object of the API. Prices and recordings become known some time after the end.
std::string RenderCall(const Call& call, bool settled, bool with_details, std::string_view public_url);

}  // namespace trunkline::twin::exotel
