// Recordings: of whole calls, of <Dial>, of <Record>, and those started by REST.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "tools/provider-twin/twilio/call.h"

namespace trunkline::twin::twilio {

struct Recording {
  std::string sid;
  std::string account_sid;
  std::string call_sid;
  std::string status = "in-progress";  // "paused", "stopped", "processing", "completed"
  std::string source;                  // "OutboundAPI", "DialVerb", "RecordVerb", "StartCallRecordingAPI"
  RecordingWish wish;
  absl::Time started;
  absl::Time updated;
  int64_t duration_seconds = -1;
};

// The recording object of the REST API, as JSON text. `base` is the URL in front of /2010-04-01.
std::string RenderRecording(const Recording& recording, std::string_view base);
// The URL of the sound, without suffix.
std::string RecordingUrl(const Recording& recording, std::string_view base);
// A WAV file of silence, a tenth of a second long: there is nothing to hear in a simulation.
std::string SilentWav();

}  // namespace trunkline::twin::twilio
