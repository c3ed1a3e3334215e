// A call in the form that all call-tracking platforms are brought into, and from which its events are made.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/tracking/told.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::tracking {

// What a reading came across that is no error, for counters (docs/tracking.md).
struct Remark {
  enum class Kind { kUnknownStatus, kUnknownBoolean, kBadMoney, kBadTime, kNaiveTime, kTimeOrder, kTooManyTags };
  Kind kind = Kind::kUnknownStatus;
  std::string raw = {};  // the platform's text, cut at 40 characters

  bool operator==(const Remark&) const = default;
};

using Tags = std::map<std::string, std::string>;

// Amounts are whole numbers of 1/10,000 of the currency's unit; times are UTC, cut to milliseconds.
struct TrackedCall {
  std::string external_id;  // the platform's id, byte for byte; never empty

  Told<std::string> caller;           // E.164 or a SIP URI
  Told<std::string> raw_caller;       // what stands there when it is no number
  Told<std::string> tracking_number;  // that the caller dialled
  Told<std::string> destination;      // that the call was sent on to
  Told<calls::v1::CallDirection> direction;

  Told<std::string> campaign_id;
  Told<std::string> campaign_key;
  Told<std::string> campaign_name;
  Told<std::string> publisher_id;
  Told<std::string> publisher_name;
  Told<std::string> sub_id;
  Told<std::string> buyer_id;
  Told<std::string> buyer_name;
  std::string upstream_id;  // the platform's id of the call that led to this one

  // Without a value: the object tells no status that is known; the call keeps what it has.
  std::optional<calls::v1::CallStatus> status;
  calls::v1::Hangup hangup;
  Told<std::string> raw_status;
  Told<std::string> status_reason;
  Told<bool> voicemail;

  Told<absl::Time> started_at;
  Told<absl::Time> answered_at;
  Told<absl::Time> ended_at;
  Told<int64_t> duration_seconds;  // of the whole call
  Told<int64_t> talk_seconds;

  Told<std::string> recording_url;
  Told<int64_t> revenue;
  Told<int64_t> payout;
  Told<int64_t> cost;
  std::string currency = "USD";
  Told<bool> converted;

  Told<absl::Time> updated_at;  // when the platform last changed the record
  Told<absl::Time> deleted_at;
  Told<Tags> tags;

  std::vector<Remark> remarks;
};

// Brings times into order where they are off by less than 5 s, remarks on those that are off by more, and counts the
// duration where the platform does not. At the end of every reading.
void Complete(TrackedCall* call);

}  // namespace trunkline::tracking
