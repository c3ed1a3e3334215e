#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/recording_details.h"
#include "libs/providers/twilio/webhook_events.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {

Events EventsOfStatus(const EventBuilder& builder) {
  const std::optional<MappedStatus> status = builder.Status();
  // A word that is not known yet: the call stays what it is, and the word is kept.
  if (!status.has_value()) return {builder.Update()};

  events::v1::CallEvent event = builder.New(status->type);
  event.set_status(status->status);
  if (status->type != events::v1::CALL_EVENT_TYPE_ENDED) return {std::move(event)};

  *event.mutable_hangup() = status->hangup;
  if (status->status == calls::v1::CALL_STATUS_FAILED) {
    *event.mutable_error() = ErrorOfFailedCall(static_cast<int>(builder.Number("ErrorCode").value_or(0)),
                                               static_cast<int>(builder.Number("SipResponseCode").value_or(0)),
                                               builder.webhook().Get("ErrorMessage"));
  }
  const std::optional<int64_t> talked = builder.Number("CallDuration");
  if (talked.has_value()) {
    *event.mutable_details()->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*talked));
  }
  Events events = {std::move(event)};
  // Record=true records from the answer on.
  for (events::v1::CallEvent& recording : RecordingBeside(builder, absl::Seconds(talked.value_or(0)))) {
    events.push_back(std::move(recording));
  }
  return events;
}

}  // namespace trunkline::providers::twilio
