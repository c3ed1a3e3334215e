#include "services/campaign-scheduler/outcomes/call_event_reader.h"

#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "services/campaign-scheduler/outcomes/call_outcome.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::scheduler {
namespace {

// The events of a reader that died are read by others after it.
constexpr absl::Duration kSessionTimeout = absl::Seconds(6);

}  // namespace

CallEventReader::CallEventReader(const Options& options, OutcomeStore& store, MachineAnswers& machines,
                                 SchedulerMetrics& metrics)
    : store_(store),
      machines_(machines),
      metrics_(metrics),
      reader_(
          {.name = "reading call events",
           .consumer = {.bootstrap = options.bootstrap,
                        .group = options.group,
                        .topics = {options.topic},
                        .group_instance_id = options.group_instance_id,
                        .session_timeout = kSessionTimeout}},
          [this](const std::vector<kafka::Message>& messages) { return Keep(messages); },
          [this](int64_t lag) { metrics_.SetEventLag(lag); }) {}

absl::Status CallEventReader::Keep(const std::vector<kafka::Message>& messages) {
  std::vector<ToldOutcome> outcomes;
  for (const kafka::Message& message : messages) {
    const std::optional<events::v1::CallEvent> event = kafka::ParseValue<events::v1::CallEvent>(message);
    if (!event.has_value()) continue;
    if (std::optional<ToldOutcome> outcome = OutcomeOf(*event)) {
      outcomes.push_back(*std::move(outcome));
    } else if (TellsOfMachine(*event)) {
      TL_RETURN_IF_ERROR(machines_.Deal(event->business_id(), event->call().details().attempt_id(), event->call_id()));
    }
  }
  TL_ASSIGN_OR_RETURN(const int64_t kept, store_.Keep(outcomes));
  metrics_.CountOutcomes(kept);
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
