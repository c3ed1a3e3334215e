// One leg of a simulated call.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "tools/provider-twin/script.h"

namespace trunkline::twin::twilio {

enum class Direction { kInbound, kOutboundApi, kOutboundDial };
enum class CallStatus { kQueued, kRinging, kInProgress, kCompleted, kBusy, kFailed, kNoAnswer, kCanceled };

std::string_view ToText(Direction direction);
std::string_view ToText(CallStatus status);
bool IsFinal(CallStatus status);

// Where a request of the provider goes. Without a URL it is not made.
struct Target {
  std::string url;
  std::string method = "POST";
  bool empty() const { return url.empty(); }
};

struct MachineDetection {
  bool enabled = false;
  bool wait_for_end = false;  // DetectMessageEnd
  bool asynchronous = false;
  Target callback;
};

struct RecordingWish {
  Target callback;
  std::set<std::string> events = {"completed"};
  int channels = 1;
  std::string track = "both";
};

struct Recording;
class TwimlPlayer;

struct Call {
  std::string sid;
  std::string account_sid;
  std::string parent_sid;
  std::string from;
  std::string to;
  Direction direction = Direction::kOutboundApi;
  CallStatus status = CallStatus::kQueued;
  int64_t ordinal = 0;  // counts up; the order of lists

  absl::Time created;
  absl::Time updated;
  std::optional<absl::Time> started;  // dialling began, or the call came in
  std::optional<absl::Time> answered;
  std::optional<absl::Time> ended;
  int64_t duration_seconds = 0;  // of the talk, in simulated seconds
  absl::Duration queue_time;
  std::string answered_by;
  int sip_code = 0;
  std::string end_reason;  // for people who read the control API

  Target voice;
  Target fallback;
  std::string inline_twiml;
  Target status_callback;
  std::set<std::string> status_events = {"completed"};
  absl::Duration ring_timeout = absl::Seconds(60);
  std::optional<absl::Duration> time_limit;
  MachineDetection machine_detection;
  std::optional<RecordingWish> record;  // Record=true
  std::string recording_sid;            // of Record=true
  std::vector<std::shared_ptr<Recording>> recordings;

  Script script;
  std::deque<std::string> digits;  // what is pressed at the next <Gather>s; the script decides when it is used up

  // The run of the call. A new epoch makes everything that was planned before void.
  int sequence_number = 0;
  uint64_t epoch = 0;
  std::shared_ptr<TwimlPlayer> player;
  std::vector<std::weak_ptr<Call>> children;
};

using CallPtr = std::shared_ptr<Call>;

// The call object of the REST API, as JSON text. `price_ready` says whether the price is known by now.
std::string RenderCall(const Call& call, bool price_ready);

}  // namespace trunkline::twin::twilio
