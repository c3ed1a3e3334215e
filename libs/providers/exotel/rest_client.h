// Calls over Exotel's v1 API, and many at once over its campaigns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/providers/exotel/campaign_client.h"
#include "libs/providers/exotel/rest_api.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::exotel {

class RestClient final : public CallClient {
 public:
  // `api` outlives the object.
  RestClient(const ProviderOptions& options, RestApi& api);

  DialOutcome PlaceCall(const Account& account, const DialRequest& request) override;
  std::vector<DialOutcome> PlaceCalls(const Account& account, const BulkDialRequest& request) override;
  absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id) override;
  // Exotel keeps calls for six months, and shows them a month at a time. A call is found by either of its numbers.
  absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, const CallFilter& filter) override;
  absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) override;

 private:
  // Adds to `calls` those of a list, page by page.
  absl::Status AddCalls(const Account& account, const Form& query, std::vector<ProviderCall>* calls);

  ProviderOptions options_;
  RestApi& api_;
  CampaignClient campaigns_;
};

}  // namespace trunkline::providers::exotel
