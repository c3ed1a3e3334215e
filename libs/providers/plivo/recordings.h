// Recordings over Plivo's REST API (https://www.plivo.com/docs/voice/api/recording).
#pragma once

#include "libs/providers/plivo/rest_api.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

class Recordings final : public RecordingClient {
 public:
  // `api` outlives the object.
  Recordings(const ProviderOptions& options, RestApi& api);

  // Stereo, for four hours at most: without a limit of ours Plivo would stop after a minute.
  absl::StatusOr<calls::v1::Recording> Start(const Account& account, const LiveCall& call) override;
  // Plivo stops all recordings of a call, whichever is named.
  absl::Status Stop(const Account& account, const LiveCall& call, std::string_view external_recording_id) override;
  // Of the last 87 days, which is nearly all that Plivo keeps.
  absl::StatusOr<std::vector<ProviderRecording>> List(const Account& account,
                                                      std::string_view external_call_id) override;
  absl::StatusOr<ProviderRecording> Get(const Account& account, std::string_view external_recording_id) override;
  // Over https, or from the API's own host; to other hosts than Plivo's without credentials.
  absl::Status Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                     MediaSink& sink) override;
  absl::Status Delete(const Account& account, std::string_view external_recording_id) override;

 private:
  ProviderOptions options_;
  RestApi& api_;
};

}  // namespace trunkline::providers::plivo
