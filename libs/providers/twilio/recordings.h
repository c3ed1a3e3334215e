// Recordings over Twilio's REST API (https://www.twilio.com/docs/voice/api/recording).
#pragma once

#include "libs/providers/provider.h"
#include "libs/providers/twilio/rest_api.h"

namespace trunkline::providers::twilio {

class Recordings final : public RecordingClient {
 public:
  // `api` outlives the object.
  Recordings(const ProviderOptions& options, RestApi& api);

  absl::StatusOr<calls::v1::Recording> Start(const Account& account, const LiveCall& call) override;
  absl::Status Stop(const Account& account, const LiveCall& call, std::string_view external_recording_id) override;
  absl::StatusOr<std::vector<ProviderRecording>> List(const Account& account,
                                                      std::string_view external_call_id) override;
  absl::StatusOr<ProviderRecording> Get(const Account& account, std::string_view external_recording_id) override;
  // WAV, from the API itself. Where Twilio sends us on to its storage, the credentials stay behind.
  absl::Status Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                     MediaSink& sink) override;
  absl::Status Delete(const Account& account, std::string_view external_recording_id) override;

 private:
  absl::Status StopOne(const Account& account, const LiveCall& call, std::string_view external_recording_id);

  ProviderOptions options_;
  RestApi& api_;
};

}  // namespace trunkline::providers::twilio
