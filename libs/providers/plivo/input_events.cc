#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/plivo/webhook_events.h"

namespace trunkline::providers::plivo {

Events EventsOfGather(const EventBuilder& builder) {
  Events events;
  if (const std::string digits = builder.Text("Digits"); !digits.empty()) {
    events.push_back(builder.New(events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED));
    events.back().mutable_digits()->set_digits(digits);
  }
  if (const std::string words = builder.Text("Speech"); !words.empty()) {
    events.push_back(builder.New(events::v1::CALL_EVENT_TYPE_SPEECH_RECEIVED));
    events.back().mutable_speech()->set_text(words);
    const std::optional<double> confidence = ParseDouble(builder.webhook().Get("SpeechConfidenceScore"));
    events.back().mutable_speech()->set_confidence(std::clamp(confidence.value_or(0.0), 0.0, 1.0));
  }
  // Nothing was entered, but the call is there.
  if (events.empty()) events.push_back(builder.Update());
  for (events::v1::CallEvent& event : events) SetAnsweredIfInProgress(builder, &event);
  return events;
}

}  // namespace trunkline::providers::plivo
