// One call of the made-up exchange, and its recordings.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/mock/script.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

struct Recording {
  std::string id;
  std::string external_call_id;
  calls::v1::RecordingStatus status = calls::v1::RECORDING_STATUS_IN_PROGRESS;
  absl::Time started_at;
  absl::Duration length;  // in simulated time, once it has stopped
};

using RecordingPtr = std::shared_ptr<Recording>;

struct Call {
  std::shared_ptr<const Account> account;
  double time_scale = 1;
  std::string external_call_id;
  std::string call_id;
  bool placed = false;  // by Trunkline, whose id of the call the URLs name
  std::string from;
  std::string to;
  calls::v1::CallDirection direction = calls::v1::CALL_DIRECTION_OUTBOUND;
  DialOptions options;
  Script script;

  calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
  absl::Time created_at;
  std::optional<absl::Time> answered_at;
  std::optional<absl::Time> ended_at;
  absl::Duration talked;  // in simulated time, once it has ended
  calls::v1::Hangup hangup;
  calls::v1::AnsweredBy answered_by = calls::v1::ANSWERED_BY_UNSPECIFIED;
  int sip_code = 0;
  int64_t sequence = 0;  // of its news

  // Grows when the call gets other instructions: everything that the earlier ones still wanted is void.
  uint64_t instructions = 0;
  std::deque<std::string> keys;  // pressed at the next gathers; the script decides when it is used up
  std::string transfer_target;   // of an attended transfer that was begun
  std::vector<RecordingPtr> recordings;

  bool IsInbound() const { return direction == calls::v1::CALL_DIRECTION_INBOUND; }
  bool IsAnswered() const { return answered_at.has_value() && !ended_at.has_value(); }
};

using CallPtr = std::shared_ptr<Call>;

// The call as the API tells it.
ProviderCall Describe(const Call& call, absl::Time now);
// The recording as the API tells it.
ProviderRecording Describe(const Recording& recording);
// What the call costs, once it has ended: a made-up cent for each minute that was begun.
std::optional<calls::v1::Money> CostOf(const Call& call);

}  // namespace trunkline::providers::mock
