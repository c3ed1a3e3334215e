// TrackDrive's REST API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/tracking/rest_session.h"

namespace trunkline::tracking::trackdrive {

SyncDefaults DefaultSync();
RequestLimits DefaultLimits(Resource resource);
std::vector<WebhookEntry> WebhookEntriesOf(const Account& account, std::string_view public_url);

class Client final : public PlatformClient {
 public:
  explicit Client(const PlatformOptions& options);

  absl::StatusOr<Answer<std::vector<AccountProblem>>> CheckAccount(const Account& account) override;
  // By UUID or by number.
  absl::StatusOr<Answer<PlatformCall>> FetchCall(const Account& account, std::string_view external_id) override;
  absl::StatusOr<CallPage> ListCalls(const Account& account, const CallQuery& query,
                                     const std::optional<Position>& position) override;
  // One request for all parts.
  absl::StatusOr<CallUpdateOutcome> UpdateCall(const Account& account, std::string_view external_id,
                                               const CallUpdate& update) override;
  // One subscription for each event.
  absl::StatusOr<WebhookRegistration> RegisterWebhooks(const Account& account) override;
  absl::StatusOr<WebhookRegistration> UnregisterWebhooks(const Account& account,
                                                         const WebhookRegistration& registration) override;
  absl::StatusOr<Answer<std::vector<WebhookDelivery>>> ListDeliveries(const Account& account,
                                                                      std::string_view external_id) override;
  absl::StatusOr<Page<TrackingNumber>> ListNumbers(const Account& account,
                                                   const std::optional<Position>& position) override;
  absl::StatusOr<Answer<ProvisionedNumber>> ProvisionNumber(const Account& account, const NumberOrder& order) override;
  absl::Status ReleaseNumber(const Account& account, std::string_view number) override;
  absl::StatusOr<Answer<Campaign>> FetchCampaign(const Account& account, std::string_view id) override;
  absl::StatusOr<Page<Campaign>> ListCampaigns(const Account& account,
                                               const std::optional<Position>& position) override;
  // Of the statistics; of the calls themselves where those have a shape that is not known.
  absl::StatusOr<Answer<CallReport>> FetchReport(const Account& account, absl::Time from, absl::Time to) override;

 private:
  struct Listed {
    nlohmann::json items = nlohmann::json::array();
    std::optional<int64_t> total;
    std::optional<Position> next;
  };

  absl::StatusOr<ApiAnswer> Get(const Account& account, std::string_view path, std::string_view endpoint,
                                Resource resource, const Form& query, Receipt* receipt);
  absl::StatusOr<ApiAnswer> Send(const Account& account, std::string_view method, std::string_view path,
                                 std::string_view endpoint, const nlohmann::json& body, bool once_only,
                                 Receipt* receipt);
  // A page by number, of the array under one of the names.
  absl::StatusOr<Listed> GetPage(const Account& account, std::string_view path, std::string_view endpoint,
                                 std::initializer_list<std::string_view> roots, Form query,
                                 const std::optional<Position>& position, Receipt* receipt);
  absl::StatusOr<nlohmann::json> ListSubscriptions(const Account& account, Receipt* receipt);
  absl::StatusOr<std::optional<CallReport>> ReportOfStatistics(const Account& account, absl::Time from, absl::Time to,
                                                               Receipt* receipt);

  std::string public_url_;
  RestSession session_;
};

// "2026-03-02 14:00:00 +0000"
std::string QueryTime(absl::Time time);

}  // namespace trunkline::tracking::trackdrive
