#include "libs/tracking/notified_event.h"

namespace trunkline::tracking {

std::string_view NameOf(NotifiedEvent event) {
  switch (event) {
    case NotifiedEvent::kStarted:
      return "call.started";
    case NotifiedEvent::kRinging:
      return "call.ringing";
    case NotifiedEvent::kAnswered:
      return "call.answered";
    case NotifiedEvent::kEnded:
      return "call.ended";
    case NotifiedEvent::kConverted:
      return "call.converted";
    case NotifiedEvent::kPayout:
      return "call.payout";
    case NotifiedEvent::kUpdated:
      return "call.updated";
    case NotifiedEvent::kRecording:
      return "call.recording";
    case NotifiedEvent::kIgnored:
      return "ignored";
  }
  return "ignored";
}

}  // namespace trunkline::tracking
