// Retreaver's REST API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/tracking/rest_session.h"

namespace trunkline::tracking::retreaver {

SyncDefaults DefaultSync();
RequestLimits DefaultLimits(Resource resource);
std::vector<WebhookEntry> WebhookEntriesOf(const Account& account, std::string_view public_url);

class Client final : public PlatformClient {
 public:
  explicit Client(const PlatformOptions& options);

  absl::StatusOr<Answer<std::vector<AccountProblem>>> CheckAccount(const Account& account) override;
  absl::StatusOr<Answer<PlatformCall>> FetchCall(const Account& account, std::string_view external_id) override;
  absl::StatusOr<CallPage> ListCalls(const Account& account, const CallQuery& query,
                                     const std::optional<Position>& position) override;
  absl::StatusOr<CallUpdateOutcome> UpdateCall(const Account& account, std::string_view external_id,
                                               const CallUpdate& update) override;
  absl::StatusOr<WebhookRegistration> RegisterWebhooks(const Account& account) override;
  absl::StatusOr<WebhookRegistration> UnregisterWebhooks(const Account& account,
                                                         const WebhookRegistration& registration) override;
  // Of the pixels that the call's record lists.
  absl::StatusOr<Answer<std::vector<WebhookDelivery>>> ListDeliveries(const Account& account,
                                                                      std::string_view external_id) override;
  absl::StatusOr<Page<TrackingNumber>> ListNumbers(const Account& account,
                                                   const std::optional<Position>& position) override;
  absl::StatusOr<Answer<ProvisionedNumber>> ProvisionNumber(const Account& account, const NumberOrder& order) override;
  absl::Status ReleaseNumber(const Account& account, std::string_view number) override;
  absl::StatusOr<Answer<Campaign>> FetchCampaign(const Account& account, std::string_view id) override;
  absl::StatusOr<Page<Campaign>> ListCampaigns(const Account& account,
                                               const std::optional<Position>& position) override;
  absl::StatusOr<Answer<CallReport>> FetchReport(const Account& account, absl::Time from, absl::Time to) override;

 private:
  struct Listed {
    ApiAnswer answer;
    std::optional<Position> next;
  };

  // A GET with the account's key; `path` begins with a slash.
  absl::StatusOr<ApiAnswer> Get(const Account& account, std::string_view path, std::string_view endpoint,
                                Resource resource, Form query, Receipt* receipt);
  // The same with a body, by another method.
  absl::StatusOr<ApiAnswer> Send(const Account& account, std::string_view method, std::string_view path,
                                 std::string_view endpoint, const nlohmann::json& body, bool once_only,
                                 Receipt* receipt);
  // A page of an array, and where it goes on.
  absl::StatusOr<Listed> GetPage(const Account& account, std::string_view path, std::string_view endpoint,
                                 Resource resource, Form query, int size, const std::optional<Position>& position,
                                 Receipt* receipt);
  absl::StatusOr<nlohmann::json> FetchRawCall(const Account& account, std::string_view external_id, Receipt* receipt);
  absl::Status WriteTags(const Account& account, std::string_view external_id, const Tags& tags);
  absl::Status PostConversion(const Account& account, std::string_view external_id, const CallUpdate& update);
  absl::StatusOr<nlohmann::json> FetchRawCampaign(const Account& account, std::string_view cid, Receipt* receipt);

  std::string public_url_;
  RestSession session_;
};

}  // namespace trunkline::tracking::retreaver
