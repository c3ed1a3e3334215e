// One leg of a simulated call.
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

namespace trunkline::twin::plivo {

enum class Direction { kInbound, kOutbound };
enum class CallStatus { kQueued, kRinging, kInProgress, kCompleted, kBusy, kFailed, kNoAnswer, kTimeout, kCanceled };

std::string_view ToText(Direction direction);
std::string_view ToText(CallStatus status);
bool IsFinal(CallStatus status);

// Where a request of the provider goes. Without a URL it is not made.
struct Target {
  std::string url;
  std::string method = "POST";
  bool empty() const { return url.empty(); }
};

// Why a call ended, in Plivo's words.
struct Cause {
  int code = 0;
  std::string_view name;
  std::string_view word;
  std::string_view source;
};

inline constexpr Cause kCalleeHungUp = {4000, "Normal Hangup", "NORMAL_CLEARING", "Callee"};
inline constexpr Cause kCallerHungUp = {4000, "Normal Hangup", "NORMAL_CLEARING", "Caller"};
inline constexpr Cause kApiHungUp = {4000, "Normal Hangup", "NORMAL_CLEARING", "API Request"};
inline constexpr Cause kXmlHungUp = {4000, "Normal Hangup", "NORMAL_CLEARING", "Answer XML"};
inline constexpr Cause kEndOfXml = {4010, "End Of XML Instructions", "NORMAL_CLEARING", "Plivo"};
inline constexpr Cause kRoomEnded = {4020, "Multiparty Call Ended", "NORMAL_CLEARING", "Plivo"};
inline constexpr Cause kScheduled = {6000, "Scheduled Hangup", "ALLOTTED_TIMEOUT", "Plivo"};
inline constexpr Cause kBusyLine = {3010, "Busy Line", "USER_BUSY", "Carrier"};
inline constexpr Cause kRejected = {3020, "Rejected", "CALL_REJECTED", "Callee"};
inline constexpr Cause kUnallocated = {3050, "Unallocated number", "UNALLOCATED_NUMBER", "Carrier"};
inline constexpr Cause kRingTimeout = {6010, "Ring Timeout Reached", "ORIGINATOR_CANCEL", "Plivo"};
inline constexpr Cause kApiCanceled = {1000, "Canceled", "ORIGINATOR_CANCEL", "API Request"};
inline constexpr Cause kCallerCanceled = {1000, "Canceled", "ORIGINATOR_CANCEL", "Caller"};
inline constexpr Cause kLostRace = {9000, "Lost Race", "LOSE_RACE", "Plivo"};
inline constexpr Cause kMachineDetected = {9100, "Machine Detected", "NORMAL_CLEARING", "Plivo"};
inline constexpr Cause kNoAnswerUrl = {7011, "Error Reaching Answer URL", "NORMAL_CLEARING", "Error"};
inline constexpr Cause kBadXml = {8011, "Invalid Answer XML", "NORMAL_CLEARING", "Error"};
inline constexpr Cause kRejectedByXml = {3020, "Rejected", "CALL_REJECTED", "Answer XML"};
inline constexpr Cause kBusyByXml = {3010, "Busy Line", "USER_BUSY", "Answer XML"};

struct Recording;
class XmlPlayer;

struct Call {
  std::string uuid;
  std::string auth_id;
  std::string parent_uuid;
  std::string from;  // with '+'
  std::string to;
  Direction direction = Direction::kOutbound;
  CallStatus status = CallStatus::kQueued;
  bool dialled = false;  // false while it waits for its turn
  int64_t ordinal = 0;   // counts up; the order of lists

  absl::Time created;
  std::optional<absl::Time> started;  // dialling began, or the call came in
  std::optional<absl::Time> answered;
  std::optional<absl::Time> ended;
  int64_t duration_seconds = 0;  // of the talk, in simulated seconds
  Cause cause;

  Target answer;
  Target fallback;
  Target ring;
  Target hangup;
  Target machine_detection;
  bool detect_machine = false;
  bool hangup_on_machine = false;
  absl::Duration ring_timeout = absl::Seconds(120);
  absl::Duration time_limit = absl::Hours(4);
  std::vector<std::shared_ptr<Recording>> recordings;
  std::string played;  // what the API plays or says at present, for people who read the control API
  std::string sent_digits;

  Script script;
  std::deque<std::string> digits;  // what is pressed at the next gathers; the script decides when it is used up

  // The run of the call. A new epoch makes everything that was planned before void.
  uint64_t epoch = 0;
  std::shared_ptr<XmlPlayer> player;
  std::vector<std::weak_ptr<Call>> children;
};

using CallPtr = std::shared_ptr<Call>;

// As JSON text: a live or queued call, and the record of one that has ended.
std::string RenderLiveCall(const Call& call);
std::string RenderRecord(const Call& call);

}  // namespace trunkline::twin::plivo
