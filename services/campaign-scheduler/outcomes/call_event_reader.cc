#include "services/campaign-scheduler/outcomes/call_event_reader.h"

#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/campaign-scheduler/outcomes/call_outcome.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kPatience = absl::Milliseconds(200);
constexpr absl::Duration kLinger = absl::Milliseconds(2);
constexpr size_t kBatch = 2'000;
// The events of a reader that died are read by others after it.
constexpr absl::Duration kSessionTimeout = absl::Seconds(6);

}  // namespace

CallEventReader::CallEventReader(Options options, OutcomeStore& store, MachineAnswers& machines,
                                 SchedulerMetrics& metrics)
    : options_(std::move(options)),
      store_(store),
      machines_(machines),
      metrics_(metrics),
      status_(absl::UnavailableError("call events are not read yet")),
      worker_("reading call events", absl::ZeroDuration(), [this] {
        absl::StatusOr<bool> more = Read();
        const std::lock_guard lock(mutex_);
        status_ = more.status();
        return more;
      }) {}

absl::Status CallEventReader::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

absl::StatusOr<bool> CallEventReader::Read() {
  if (consumer_ == nullptr) {
    TL_ASSIGN_OR_RETURN(consumer_, kafka::Consumer::Start({.bootstrap = options_.bootstrap,
                                                           .group = options_.group,
                                                           .topics = {options_.topic},
                                                           .group_instance_id = options_.group_instance_id,
                                                           .session_timeout = kSessionTimeout}));
  }
  absl::Status done;
  if (absl::StatusOr<std::vector<kafka::Message>> messages = consumer_->Poll(kBatch, kPatience, kLinger);
      messages.ok()) {
    metrics_.SetEventLag(consumer_->Lag());
    if (messages->empty()) return true;
    done = Keep(*messages);
    if (done.ok()) done = consumer_->Commit(*messages);
  } else {
    done = messages.status();
  }
  if (done.ok()) return true;
  // Reads from the last committed offsets again.
  consumer_.reset();
  return done;
}

absl::Status CallEventReader::Keep(const std::vector<kafka::Message>& messages) {
  std::vector<ToldOutcome> outcomes;
  for (const kafka::Message& message : messages) {
    events::v1::CallEvent event;
    if (!event.ParseFromArray(message.value().data(), static_cast<int>(message.value().size()))) {
      LogWarning("a message of the call events cannot be read",
                 {{"partition", message.partition()}, {"offset", message.offset()}});
      continue;
    }
    if (std::optional<ToldOutcome> outcome = OutcomeOf(event)) {
      outcomes.push_back(*std::move(outcome));
    } else if (TellsOfMachine(event)) {
      TL_RETURN_IF_ERROR(machines_.Deal(event.business_id(), event.call().details().attempt_id(), event.call_id()));
    }
  }
  TL_ASSIGN_OR_RETURN(const int64_t kept, store_.Keep(outcomes));
  metrics_.CountOutcomes(kept);
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
