#include <algorithm>
#include <array>

#include "libs/providers/twilio/webhook_events.h"

namespace trunkline::providers::twilio {
namespace {

// QueueResult of callers who waited; with the others the caller never was in the queue.
constexpr std::array<std::string_view, 6> kWaited = {"bridged", "bridging-in-process", "hangup",
                                                     "leave",   "redirected",          "redirected-from-bridged"};

// QueueTime of a first request, in seconds; later ones come when the wait plan has played through.
constexpr int64_t kJustEntered = 1;

}  // namespace

Events EventsOfWait(const EventBuilder& builder) {
  if (builder.Number("QueueTime").value_or(0) > kJustEntered) return {};
  events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_ENQUEUED);
  event.set_status(calls::v1::CALL_STATUS_QUEUED);
  event.mutable_details()->set_waited_in_queue(true);
  return {std::move(event)};
}

Events EventsOfQueue(const EventBuilder& builder) {
  const std::string_view result = builder.webhook().Get("QueueResult");
  events::v1::CallEvent event = builder.Update();
  if (std::find(kWaited.begin(), kWaited.end(), result) != kWaited.end()) {
    event.mutable_details()->set_waited_in_queue(true);
  }
  if (result == "bridged" || result == "redirected-from-bridged") event.mutable_details()->set_bridged(true);
  if (result == "error" || result == "system-error" || result == "queue-full") {
    event.mutable_error()->set_code(calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
    event.mutable_error()->set_message("the call could not be put in the queue");
    event.mutable_error()->set_provider_message(builder.Text("QueueResult"));
    event.mutable_error()->set_retryable(true);
  }
  SetAnsweredIfInProgress(builder, &event);
  return {std::move(event)};
}

}  // namespace trunkline::providers::twilio
