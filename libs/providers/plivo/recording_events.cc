#include "libs/providers/plivo/webhook_events.h"
#include "libs/providers/plivo/webhook_time.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

using calls::v1::Recording;
using events::v1::CallEvent;

// Of a recording in the background the action comes at the start, with durations of -1.
bool HasJustStarted(const EventBuilder& builder) {
  return builder.webhook().Get("RecordingDuration").starts_with('-') ||
         builder.webhook().Get("RecordingDurationMs").starts_with('-');
}

Recording RecordingOf(const EventBuilder& builder) {
  Recording recording;
  recording.set_external_recording_id(builder.Text("RecordingID"));
  recording.set_url(builder.Text("RecordUrl"));
  if (const auto length = builder.Number("RecordingDurationMs"); length.has_value()) {
    *recording.mutable_duration() = telephony::ToProto(absl::Milliseconds(*length));
  } else if (const auto seconds = builder.Number("RecordingDuration"); seconds.has_value()) {
    *recording.mutable_duration() = telephony::ToProto(absl::Seconds(*seconds));
  }
  recording.set_status(HasJustStarted(builder) ? calls::v1::RECORDING_STATUS_IN_PROGRESS
                                               : calls::v1::RECORDING_STATUS_READY);
  return recording;
}

// When the recording began or, when it is over, ended.
std::optional<absl::Time> TimeOfRecording(const EventBuilder& builder) {
  return ParseEpochMilliseconds(builder.webhook().Get(HasJustStarted(builder) ? "RecordingStartMs" : "RecordingEndMs"));
}

}  // namespace

Events EventsOfRecording(const EventBuilder& builder) {
  Recording recording = RecordingOf(builder);
  if (recording.external_recording_id().empty() && recording.url().empty()) return {builder.Update()};
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED, TimeOfRecording(builder));
  *event.mutable_details()->mutable_recording() = std::move(recording);
  return {std::move(event)};
}

Events EventsOfRecordAction(const EventBuilder& builder) {
  Events events;
  // The key that ended the recording; "hangup" when the caller did.
  const std::string key = builder.Text("Digits");
  const bool pressed = !key.empty() && key != "hangup";
  events.push_back(pressed ? builder.New(events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED) : builder.Update());
  if (pressed) events.back().mutable_digits()->set_finished_on_key(key);
  SetAnsweredIfInProgress(builder, &events.back());
  for (CallEvent& event : EventsOfRecording(builder)) {
    if (event.type() == events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED) events.push_back(std::move(event));
  }
  return events;
}

Events EventsOfTranscription(const EventBuilder& builder) {
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_TRANSCRIBED);
  event.mutable_transcription()->set_text(builder.Text("transcription"));
  event.mutable_transcription()->set_external_recording_id(builder.Text("recording_id"));
  if (const std::string error = builder.Text("error"); !error.empty()) {
    event.mutable_error()->set_code(calls::v1::CALL_ERROR_CODE_REJECTED);
    event.mutable_error()->set_message("the provider could not turn the recording into text");
    event.mutable_error()->set_provider_message(error);
  }
  return {std::move(event)};
}

}  // namespace trunkline::providers::plivo
