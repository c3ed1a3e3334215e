#include "libs/providers/mock/recordings.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/exchange_errors.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::mock {
namespace {

constexpr uint32_t kSamplesPerSecond = 8000;
constexpr int64_t kMostSeconds = 10;

void AppendNumber(uint32_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

// A WAV file of one channel, 8 bits a sample: 400 Hz, as a square.
std::string Tone(int64_t seconds) {
  const auto samples = static_cast<uint32_t>(std::clamp<int64_t>(seconds, 1, kMostSeconds)) * kSamplesPerSecond;
  std::string wav = "RIFF";
  AppendNumber(36 + samples, 4, &wav);
  wav += "WAVEfmt ";
  AppendNumber(16, 4, &wav);                 // length of the format
  AppendNumber(1, 2, &wav);                  // PCM
  AppendNumber(1, 2, &wav);                  // channels
  AppendNumber(kSamplesPerSecond, 4, &wav);  // samples per second
  AppendNumber(kSamplesPerSecond, 4, &wav);  // bytes per second
  AppendNumber(1, 2, &wav);                  // bytes per sample
  AppendNumber(8, 2, &wav);                  // bits per sample
  wav += "data";
  AppendNumber(samples, 4, &wav);
  for (uint32_t i = 0; i < samples; ++i) wav.push_back(i / 10 % 2 == 0 ? '\x70' : '\x90');
  return wav;
}

}  // namespace

Recordings::Recordings(Exchange& exchange) : RecordingClient(kProviderName), exchange_(exchange) {}

absl::StatusOr<calls::v1::Recording> Recordings::Start(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const ProviderRecording started, exchange_.StartRecording(account, call));
  return started.recording;
}

absl::Status Recordings::Stop(const Account& account, const LiveCall& call, std::string_view external_recording_id) {
  return exchange_.StopRecording(account, call, external_recording_id);
}

absl::StatusOr<std::vector<ProviderRecording>> Recordings::List(const Account& account,
                                                                std::string_view external_call_id) {
  return exchange_.Recordings(account, external_call_id);
}

absl::StatusOr<ProviderRecording> Recordings::Get(const Account& account, std::string_view external_recording_id) {
  return exchange_.FindRecording(account, external_recording_id);
}

absl::Status Recordings::Fetch(const Account& account, const calls::v1::Recording& recording,
                               std::string_view /*range*/, MediaSink& sink) {
  TL_ASSIGN_OR_RETURN(const ProviderRecording found,
                      exchange_.FindRecording(account, recording.external_recording_id()));
  if (found.recording.status() != calls::v1::RECORDING_STATUS_READY) return WrongState("the recording is not ready");
  const int64_t seconds = absl::ToInt64Seconds(telephony::FromProto(found.recording.duration()));
  const std::string tone = Tone(seconds);
  const bool wanted = sink.Begin({.content_type = "audio/wav", .bytes = tone.size()}) && sink.Write(tone);
  return wanted ? absl::OkStatus() : absl::CancelledError("mock: no more of the recording is wanted");
}

absl::Status Recordings::Delete(const Account& account, std::string_view external_recording_id) {
  return exchange_.DeleteRecording(account, external_recording_id);
}

}  // namespace trunkline::providers::mock
