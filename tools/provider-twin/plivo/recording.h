// Recordings: those of <Record>, and those started by REST.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "tools/provider-twin/plivo/call.h"

namespace trunkline::twin::plivo {

struct Recording {
  std::string uuid;
  std::string auth_id;
  std::string call_uuid;
  std::string format = "mp3";
  bool running = true;
  Target callback;
  absl::Time started;
  absl::Time ended;
  int64_t duration_ms = -1;  // simulated
};

std::string RenderRecording(const Recording& recording, std::string_view base);
// The URL of the sound; `base` is the twin's own.
std::string RecordingUrl(const Recording& recording, std::string_view base);
// Enough of a sound file to be one: there is nothing to hear in a simulation.
std::string SilentSound();

}  // namespace trunkline::twin::plivo
