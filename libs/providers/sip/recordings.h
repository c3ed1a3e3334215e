// Recordings by MixMonitor. The exchange keeps them as files, and has no list of them: a recording is its file's name,
// and its URL that name behind the account's recording_url.
#pragma once

#include <string>
#include <string_view>

#include "libs/providers/recording_client.h"
#include "libs/providers/sip/manager.h"

namespace trunkline::providers::sip {

class Recordings final : public RecordingClient {
 public:
  // `manager` outlives the object.
  explicit Recordings(Manager& manager);

  absl::StatusOr<calls::v1::Recording> Start(const Account& account, const LiveCall& call) override;
  // All recordings of the customer's channel: an exchange does not say which one a file's is.
  absl::Status Stop(const Account& account, const LiveCall& call, std::string_view external_recording_id) override;

 private:
  Manager& manager_;
};

}  // namespace trunkline::providers::sip
