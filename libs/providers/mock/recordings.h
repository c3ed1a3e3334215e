// Recordings of the made-up exchange. Their sound is made up too: a tone.
#pragma once

#include "libs/providers/mock/exchange.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

class Recordings final : public RecordingClient {
 public:
  // `exchange` outlives the object.
  explicit Recordings(Exchange& exchange);

  absl::StatusOr<calls::v1::Recording> Start(const Account& account, const LiveCall& call) override;
  absl::Status Stop(const Account& account, const LiveCall& call, std::string_view external_recording_id) override;
  absl::StatusOr<std::vector<ProviderRecording>> List(const Account& account,
                                                      std::string_view external_call_id) override;
  absl::StatusOr<ProviderRecording> Get(const Account& account, std::string_view external_recording_id) override;
  // At most ten seconds of it.
  absl::Status Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                     MediaSink& sink) override;
  absl::Status Delete(const Account& account, std::string_view external_recording_id) override;

 private:
  Exchange& exchange_;
};

}  // namespace trunkline::providers::mock
