#include "libs/providers/twilio/recording_details.h"
#include "libs/providers/twilio/webhook_events.h"

namespace trunkline::providers::twilio {

Events EventsOfRecording(const EventBuilder& builder) {
  events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
  calls::v1::Recording* recording = event.mutable_details()->mutable_recording();
  *recording = RecordingOf(builder);
  recording->set_status(MapRecordingStatus(builder.webhook().Get("RecordingStatus")));
  // Why a recording is absent.
  SetErrorIfTold(builder, &event);
  return {std::move(event)};
}

Events EventsOfRecordAction(const EventBuilder& builder) {
  Events events;
  // The key that ended the recording; "hangup" when the caller did.
  const std::string key = builder.Text("Digits");
  const bool pressed = !key.empty() && key != "hangup";
  events::v1::CallEvent event = pressed ? builder.New(events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED) : builder.Update();
  if (pressed) event.mutable_digits()->set_finished_on_key(key);
  SetAnsweredIfInProgress(builder, &event);
  events.push_back(std::move(event));
  const absl::Duration length = absl::Seconds(builder.Number("RecordingDuration").value_or(0));
  for (events::v1::CallEvent& recording : RecordingBeside(builder, length)) events.push_back(std::move(recording));
  return events;
}

Events EventsOfTranscription(const EventBuilder& builder) {
  events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_TRANSCRIBED);
  event.mutable_transcription()->set_text(builder.Text("TranscriptionText"));
  event.mutable_transcription()->set_external_recording_id(builder.Text("RecordingSid"));
  if (builder.webhook().Get("TranscriptionStatus") == "failed") {
    event.mutable_error()->set_code(calls::v1::CALL_ERROR_CODE_REJECTED);
    event.mutable_error()->set_message("the provider could not turn the recording into text");
  }
  return {std::move(event)};
}

}  // namespace trunkline::providers::twilio
