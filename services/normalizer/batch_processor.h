// The database half of promise 3: one transaction for a batch of messages.
//
//   new event           its first source is written, the event is stored and merged into its call
//   event seen before   nothing is written; it is to be published if and only if the message in hand is its first
//   source,
//                       for then the batch was stored before and the process died before it was published
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/normalizer/batch_mapper.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::normalizer {

// What is to be published for a batch, in order.
struct ProcessedBatch {
  std::vector<events::v1::CallEvent> events;  // each with the call as it stands now
  std::vector<calls::v1::CallRecord> calls;   // one for each call that an event is about
  std::vector<const MappedMessage*> dead_letters;

  // For metrics.
  int64_t new_events = 0;
  int64_t replayed_events = 0;
  int64_t duplicate_events = 0;
};

class BatchProcessor {
 public:
  explicit BatchProcessor(postgres::Pool& pool);

  // Stores the batch. May add a refusal to messages: FOREIGN_CALL for an event about another business's call. The
  // result points into `messages`. On an error nothing is stored, unless the error is UNKNOWN; either way the batch is
  // to be read again.
  absl::StatusOr<ProcessedBatch> Process(std::vector<MappedMessage>* messages);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::normalizer
