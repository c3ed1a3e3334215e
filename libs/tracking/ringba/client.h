// Ringba's REST API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/tracking/rest_session.h"
#include "libs/tracking/ringba/bearer_tokens.h"

namespace trunkline::tracking::ringba {

SyncDefaults DefaultSync();
RequestLimits DefaultLimits(Resource resource);
std::vector<WebhookEntry> WebhookEntriesOf(const Account& account, std::string_view public_url);

class Client final : public PlatformClient {
 public:
  explicit Client(const PlatformOptions& options);

  absl::StatusOr<Answer<std::vector<AccountProblem>>> CheckAccount(const Account& account) override;
  absl::StatusOr<Answer<PlatformCall>> FetchCall(const Account& account, std::string_view external_id) override;
  absl::StatusOr<CallPage> FetchCalls(const Account& account, const std::vector<std::string>& external_ids) override;
  absl::StatusOr<CallPage> ListCalls(const Account& account, const CallQuery& query,
                                     const std::optional<Position>& position) override;
  absl::StatusOr<CallUpdateOutcome> UpdateCall(const Account& account, std::string_view external_id,
                                               const CallUpdate& update) override;
  // With webhook_registration event_callbacks one pixel for each event, linked to webhook_campaigns; by a person where
  // the account's API does not have them.
  absl::StatusOr<WebhookRegistration> RegisterWebhooks(const Account& account) override;
  absl::StatusOr<WebhookRegistration> UnregisterWebhooks(const Account& account,
                                                         const WebhookRegistration& registration) override;
  absl::StatusOr<Page<TrackingNumber>> ListNumbers(const Account& account,
                                                   const std::optional<Position>& position) override;
  absl::StatusOr<Answer<ProvisionedNumber>> ProvisionNumber(const Account& account, const NumberOrder& order) override;
  absl::Status ReleaseNumber(const Account& account, std::string_view number) override;
  absl::StatusOr<Answer<Campaign>> FetchCampaign(const Account& account, std::string_view id) override;
  absl::StatusOr<Page<Campaign>> ListCampaigns(const Account& account,
                                               const std::optional<Position>& position) override;
  // Of the insights; of the calls themselves where the account does not have those.
  absl::StatusOr<Answer<CallReport>> FetchReport(const Account& account, absl::Time from, absl::Time to) override;

 private:
  struct Call {
    std::string_view method = "GET";
    std::string path;  // below the account, with a slash in front
    std::string_view endpoint;
    Resource resource = Resource::kOther;
    nlohmann::json body = nullptr;
    bool once_only = false;
    bool below_account = true;
  };

  // With the account's token; with a new one once, where a bearer token is refused.
  absl::StatusOr<ApiAnswer> Ask(const Account& account, const Call& call, Receipt* receipt);
  absl::StatusOr<nlohmann::json> ReportIn(const ApiAnswer& answer) const;
  absl::StatusOr<ApiAnswer> OrderNumber(const Account& account, const NumberOrder& order, Receipt* receipt);
  absl::Status TieNumber(const Account& account, std::string_view number_id, const NumberOrder& order,
                         Receipt* receipt);
  absl::Status DeleteNumber(const Account& account, std::string_view number_id, Receipt* receipt);
  absl::Status CreateEventCallback(const Account& account, const nlohmann::json& there, WebhookEntry* entry,
                                   Receipt* receipt);
  absl::Status LinkEventCallback(const Account& account, std::string_view id, std::string_view verb, Receipt* receipt);
  absl::StatusOr<std::optional<CallReport>> ReportOfInsights(const Account& account, absl::Time from, absl::Time to,
                                                             Receipt* receipt);

  std::string public_url_;
  const Clock& clock_;
  RestSession session_;
  BearerTokens tokens_;
};

// "2026-03-02T14:00:00Z"
std::string QueryTime(absl::Time time);

}  // namespace trunkline::tracking::ringba
