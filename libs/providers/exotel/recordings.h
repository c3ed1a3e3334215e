// Recordings. Exotel has no list of them: a call has at most one, whose URL stands in the call. Its id is the call's.
//
// URLs come from webhooks and answers and are not trusted: they are asked only at the hosts where Exotel keeps
// recordings, over https, and without following redirects. The account's credentials go to recordings.exotel.com alone,
// after it asked for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/call_client.h"
#include "libs/providers/exotel/rest_api.h"
#include "libs/providers/recording_client.h"

namespace trunkline::providers::exotel {

class Recordings final : public RecordingClient {
 public:
  // Both outlive the object.
  Recordings(RestApi& api, CallClient& calls);

  absl::StatusOr<std::vector<ProviderRecording>> List(const Account& account,
                                                      std::string_view external_call_id) override;
  absl::StatusOr<ProviderRecording> Get(const Account& account, std::string_view external_recording_id) override;
  absl::Status Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                     MediaSink& sink) override;

 private:
  RestApi& api_;
  CallClient& calls_;
};

// True when a recording may be fetched from there.
bool IsRecordingUrl(const Account& account, std::string_view url);

}  // namespace trunkline::providers::exotel
