// Many calls as one campaign: the numbers are uploaded as a list, or given with the campaign; the campaign plays the
// account's flow to each and tells of each call with the bulk's id. Each number is dialled once.
//
// Until the campaign is asked for nothing is dialled, so that whatever goes wrong before is certain; only a lost answer
// to that last request is in doubt.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/exotel/rest_api.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::exotel {

class CampaignClient {
 public:
  // Lets time pass between two looks at an upload; handed in so that tests need not wait.
  using Wait = std::function<void(absl::Duration)>;

  // `api` outlives the object.
  CampaignClient(const ProviderOptions& options, RestApi& api, Wait wait = {});

  // One outcome for all numbers. The ids of the calls become known by webhook.
  DialOutcome Start(const Account& account, const BulkDialRequest& request);

 private:
  // The id of the list that the numbers were uploaded to.
  absl::StatusOr<std::string> Upload(const Account& account, const BulkDialRequest& request, const std::string& name,
                                     DialOutcome* refused);
  absl::Status WaitForUpload(const Account& account, const std::string& url, DialOutcome* refused);

  ProviderOptions options_;
  RestApi& api_;
  Wait wait_;
};

}  // namespace trunkline::providers::exotel
