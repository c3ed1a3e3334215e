#include "libs/providers/twilio/recording_details.h"

#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {

calls::v1::Recording RecordingOf(const EventBuilder& builder) {
  calls::v1::Recording recording;
  const std::string url = builder.Text("RecordingUrl");
  std::string sid = builder.Text("RecordingSid");
  if (const size_t slash = url.rfind('/'); sid.empty() && slash != std::string::npos) sid = url.substr(slash + 1);
  recording.set_external_recording_id(sid);
  recording.set_url(url);
  if (const auto seconds = builder.Number("RecordingDuration"); seconds.has_value()) {
    *recording.mutable_duration() = telephony::ToProto(absl::Seconds(*seconds));
  }
  if (const auto channels = builder.Number("RecordingChannels"); channels == 1 || channels == 2) {
    recording.set_channels(static_cast<int32_t>(*channels));
  }
  return recording;
}

Events RecordingBeside(const EventBuilder& builder, absl::Duration length) {
  calls::v1::Recording recording = RecordingOf(builder);
  if (recording.external_recording_id().empty()) return {};
  recording.set_status(calls::v1::RECORDING_STATUS_PROCESSING);
  events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
  *event.mutable_occurred_at() = telephony::ToProto(builder.occurred_at() - length);
  // Placed in the past, it must not speak about anything but the recording.
  calls::v1::CallDetails details;
  details.set_provider(event.details().provider());
  details.set_provider_account_id(event.details().provider_account_id());
  details.set_external_call_id(event.details().external_call_id());
  *details.mutable_recording() = std::move(recording);
  event.mutable_details()->Swap(&details);
  return {std::move(event)};
}

}  // namespace trunkline::providers::twilio
