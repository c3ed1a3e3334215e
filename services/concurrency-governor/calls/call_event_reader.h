// Tells the ledger what the call events tell: ends slots with their calls, and counts inbound calls as they are seen.
//
// Only the leader reads, from the positions of the journal. The positions after a batch are committed together with
// what the batch changed, so that a new leader goes on exactly there. To read an event twice does no harm.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "libs/base/background_worker.h"
#include "libs/kafka/positioned_consumer.h"
#include "services/concurrency-governor/admission/decision_loop.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::governor {

// What an event means for slots; nothing when it means nothing.
std::optional<CallNews> NewsOf(const events::v1::CallEvent& event);

class CallEventReader {
 public:
  struct Options {
    std::string bootstrap;
    std::string topic;
    absl::Duration start_limit = absl::Seconds(5);
  };

  // Both outlive the object.
  CallEventReader(Options options, DecisionLoop& loop, GovernorMetrics& metrics);

  // OK while the events are read, or another replica reads them.
  absl::Status status() const { return worker_.status(); }

 private:
  absl::StatusOr<bool> Read();
  absl::StatusOr<bool> ReadBatch();

  const Options options_;
  DecisionLoop& loop_;
  GovernorMetrics& metrics_;
  std::unique_ptr<kafka::PositionedConsumer> consumer_;
  int64_t epoch_ = 0;  // for which it reads
  BackgroundWorker worker_;
};

}  // namespace trunkline::governor
