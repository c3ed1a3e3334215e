// The call events that a reading of a call amounts to.
//
// The steps of a call's life (initiated, ringing, answered, ended ...) are one event each, whoever tells them first:
// their ids follow from the call and the step. What the call is besides (parties, money, tags, times, its status as the
// platform has it) is an UPDATED event with the record's version. The merge of calls gives the latest version the last
// word (libs/telephony/call_merge.h), in every field that it tells, so that money that changes days after the end, and
// what is taken back, come out right in whatever order readings and notifications arrive.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/tracking/notified_event.h"
#include "libs/tracking/tracked_call.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::tracking {

// Whose call it is.
struct CallPlace {
  std::string platform;
  std::string account_id;  // provider_account_id

  // The id of the call with the platform's id: telephony::CallIdOf.
  std::string CallIdOf(std::string_view external_id) const;
};

// Of a record that was read over the API. Its version is the platform's time of change; where it has none, the time of
// the request, so that of two readings the one that was asked for later counts, and the number of the reading tells a
// record that changed back from one that was read twice.
//
// What was read more than 15 minutes after the call ended is marked as recovered, unless a webhook asked for the
// reading.
struct RecordReading {
  absl::Time requested_at;
  int64_t number = 0;
  bool answers_webhook = false;
};
std::vector<events::v1::CallEvent> EventsOfRecord(const CallPlace& place, const TrackedCall& call,
                                                  const RecordReading& reading);

// Of a notification. With a time of change it is a version too, of what it tells; without, it only fills in what no
// record tells. `digest` stands for its content: two notifications that say the same are the same fact.
std::vector<events::v1::CallEvent> EventsOfNotification(const CallPlace& place, const TrackedCall& call,
                                                        NotifiedEvent event, std::string_view digest,
                                                        absl::Time received_at);

// What the synchronization itself finds out about a record that it knows. Each is a fact of that version of the record:
// it has the last word over it, and any later version over the fact. `found_at` is later than the version and than the
// request that brought it.
struct KnownRecord {
  std::string external_id;
  absl::Time version;  // the platform's time of change; where it has none, the time of the latest reading's request
  std::optional<absl::Time> started_at = std::nullopt;
};
// The call goes on at the platform for longer than a call can, or goes on here and the platform does not know it:
// ENDED, failed, with the reason "stale_live".
events::v1::CallEvent EventOfStaleCall(const CallPlace& place, const KnownRecord& record, absl::Time found_at);
// The platform does not know the call any more: UPDATED, with record_deleted_at.
events::v1::CallEvent EventOfLostRecord(const CallPlace& place, const KnownRecord& record, absl::Time found_at);
// It knows the call again: UPDATED, without record_deleted_at.
events::v1::CallEvent EventOfFoundRecord(const CallPlace& place, const KnownRecord& record, absl::Time found_at);

}  // namespace trunkline::tracking
