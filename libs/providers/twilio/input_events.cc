#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/twilio/webhook_events.h"

namespace trunkline::providers::twilio {

Events EventsOfGather(const EventBuilder& builder) {
  Events events;
  const std::string digits = builder.Text("Digits");
  const std::string key = builder.Text("FinishedOnKey");
  if (!digits.empty() || !key.empty()) {
    events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED);
    event.mutable_digits()->set_digits(digits);
    event.mutable_digits()->set_finished_on_key(key);
    events.push_back(std::move(event));
  }
  if (const std::string words = builder.Text("SpeechResult"); !words.empty()) {
    events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_SPEECH_RECEIVED);
    event.mutable_speech()->set_text(words);
    event.mutable_speech()->set_language(builder.Text("Language"));
    const std::optional<double> confidence = ParseDouble(builder.webhook().Get("Confidence"));
    event.mutable_speech()->set_confidence(std::clamp(confidence.value_or(0.0), 0.0, 1.0));
    events.push_back(std::move(event));
  }
  // Nothing was entered, but the call is there.
  if (events.empty()) events.push_back(builder.Update());
  for (events::v1::CallEvent& event : events) SetAnsweredIfInProgress(builder, &event);
  return events;
}

Events EventsOfMachineDetection(const EventBuilder& builder) {
  return {builder.New(events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED)};
}

}  // namespace trunkline::providers::twilio
