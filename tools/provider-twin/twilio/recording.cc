#include "tools/provider-twin/twilio/recording.h"

#include <cstdint>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

void AppendLittleEndian(std::string& out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

}  // namespace

std::string RecordingUrl(const Recording& recording, std::string_view base) {
  return Concat(base, "/2010-04-01/Accounts/", recording.account_sid, "/Recordings/", recording.sid);
}

std::string RenderRecording(const Recording& recording, std::string_view base) {
  const bool ready = recording.status == "completed";
  nlohmann::ordered_json json;
  json["account_sid"] = recording.account_sid;
  json["api_version"] = "2010-04-01";
  json["call_sid"] = recording.call_sid;
  json["conference_sid"] = nullptr;
  json["date_created"] = Rfc2822(recording.started);
  json["date_updated"] = Rfc2822(recording.updated);
  json["start_time"] = Rfc2822(recording.started);
  json["duration"] = ready ? Concat(recording.duration_seconds) : "-1";
  json["sid"] = recording.sid;
  json["price"] = nullptr;
  json["price_unit"] = "USD";
  json["status"] = recording.status;
  json["channels"] = recording.wish.channels;
  json["source"] = recording.source;
  json["track"] = recording.wish.track;
  json["error_code"] = nullptr;
  json["encryption_details"] = nullptr;
  json["uri"] = Concat("/2010-04-01/Accounts/", recording.account_sid, "/Recordings/", recording.sid, ".json");
  json["media_url"] = RecordingUrl(recording, base);
  return WriteJson(json);
}

std::string SilentWav() {
  constexpr uint32_t kSamplesPerSecond = 8000;
  constexpr uint32_t kSamples = kSamplesPerSecond / 10;
  std::string wav = "RIFF";
  AppendLittleEndian(wav, 36 + kSamples, 4);
  wav += "WAVEfmt ";
  AppendLittleEndian(wav, 16, 4);  // size of the format
  AppendLittleEndian(wav, 1, 2);   // PCM
  AppendLittleEndian(wav, 1, 2);   // one channel
  AppendLittleEndian(wav, kSamplesPerSecond, 4);
  AppendLittleEndian(wav, kSamplesPerSecond, 4);  // bytes per second
  AppendLittleEndian(wav, 1, 2);                  // bytes per sample
  AppendLittleEndian(wav, 8, 2);                  // bits per sample
  wav += "data";
  AppendLittleEndian(wav, kSamples, 4);
  wav.append(kSamples, '\x80');
  return wav;
}

}  // namespace trunkline::twin::twilio
