// The database half of promise 3: one transaction for a batch of messages.
//
//   new event           its first source is written, the event is stored and merged into its call
//   event seen before   nothing is written; it is to be published if and only if the message in hand is its first
//                       source, for then the batch was stored before and the process died before it was published
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/postgres/pool.h"
#include "services/normalizer/batch_mapper.h"
#include "services/normalizer/call_cache.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::normalizer {

// An event to publish. Its bytes are those of the row in call_events; the call is not part of them.
struct ProcessedEvent {
  events::v1::CallEvent event;
  std::string bytes;
  UuidNumber call_id = {};
};

// A call as it stands now.
struct ProcessedCall {
  calls::v1::CallRecord record;
  std::string bytes;
  // For metrics: what the batch told of the call for the first time.
  bool has_ended_now = false;
  bool has_cost_now = false;
};

// What is to be published for a batch.
struct ProcessedBatch {
  std::vector<ProcessedEvent> events;                    // in order
  absl::flat_hash_map<UuidNumber, ProcessedCall> calls;  // by id, every call that one of the events is about
  std::vector<const MappedMessage*> dead_letters;

  // For metrics.
  int64_t new_events = 0;
  int64_t replayed_events = 0;
  int64_t duplicate_events = 0;
};

// Thread-safe.
class BatchProcessor {
 public:
  // Keeps the states of up to `cached_calls` calls in progress in memory (call_cache.h).
  explicit BatchProcessor(postgres::Pool& pool, size_t cached_calls = 20'000);

  // Stores the batch. May add a refusal to messages: FOREIGN_CALL for an event about another business's call. The
  // result points into `messages`. On an error nothing is stored, unless the error is UNKNOWN; either way the batch is
  // to be read again.
  absl::StatusOr<ProcessedBatch> Process(std::vector<MappedMessage>* messages);

  // Every call will be read from its row again: for when others may have written calls meanwhile. Needed for speed and
  // not for truth, as a call that is out of date fails its batch.
  void ForgetCalls() { cache_.Clear(); }

 private:
  postgres::Pool& pool_;
  CallCache cache_;
};

}  // namespace trunkline::normalizer
