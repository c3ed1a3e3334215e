#include "tools/provider-twin/plivo/recording.h"

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {

std::string RecordingUrl(const Recording& recording, std::string_view base) {
  return Concat(base, "/v1/Account/", recording.auth_id, "/Recording/", recording.uuid, ".", recording.format);
}

std::string RenderRecording(const Recording& recording, std::string_view base) {
  nlohmann::ordered_json json;
  json["add_time"] = LocalTimeWithOffset(recording.ended);
  json["api_id"] = NewCallUuid();
  json["call_uuid"] = recording.call_uuid;
  json["conference_name"] = nullptr;
  json["recording_duration_ms"] = Concat(recording.duration_ms, ".00000");
  json["recording_end_ms"] = Concat(absl::ToUnixMillis(recording.ended), ".00000");
  json["recording_format"] = recording.format;
  json["recording_id"] = recording.uuid;
  json["recording_start_ms"] = Concat(absl::ToUnixMillis(recording.started), ".00000");
  json["recording_type"] = "normal";
  json["recording_url"] = RecordingUrl(recording, base);
  json["resource_uri"] = Concat("/v1/Account/", recording.auth_id, "/Recording/", recording.uuid, "/");
  json["rounded_recording_duration"] = (recording.duration_ms + 999) / 1000;
  return WriteJson(json);
}

std::string SilentSound() {
  // The header of an MPEG layer 3 frame of 128 kbit/s, 44.1 kHz, and its 417 bytes.
  std::string frame = "\xFF\xFB\x90\x64";
  frame.resize(417, '\0');
  return frame;
}

}  // namespace trunkline::twin::plivo
