// What a platform tells of a call as it happens, in words that all platforms share.
#pragma once

#include <string_view>

namespace trunkline::tracking {

enum class NotifiedEvent { kStarted, kRinging, kAnswered, kEnded, kConverted, kPayout, kUpdated, kRecording, kIgnored };

// "call.started"
std::string_view NameOf(NotifiedEvent event);

// A platform's word for an event.
struct EventWord {
  std::string_view word;
  NotifiedEvent event;
};

}  // namespace trunkline::tracking
