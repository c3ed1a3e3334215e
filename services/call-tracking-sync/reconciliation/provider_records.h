// The telephony providers' own records of calls, as the gateway gets them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/call-tracking-sync/reconciliation/conversation.h"
#include "trunkline/control/v1/provider_call_service.pb.h"

namespace trunkline::tracking_sync {

struct RecordsQuery {
  std::string business_id;
  std::string account_id;
  std::string to;  // E.164
  absl::Time created_since;
  absl::Time created_before;
};

class ProviderRecords {
 public:
  virtual ~ProviderRecords() = default;
  // All of them. UNIMPLEMENTED when the provider cannot list calls.
  virtual absl::StatusOr<std::vector<ConversationSide>> List(const RecordsQuery& query) = 0;
};

// Of a call as the gateway tells it.
ConversationSide SideOf(const control::v1::ProviderCall& call, const std::string& account_id);

struct GatewayRecordsOptions {
  std::string address;
  std::string service_token;
  absl::Duration timeout = absl::Minutes(2);
};
std::unique_ptr<ProviderRecords> MakeGatewayRecords(const GatewayRecordsOptions& options);

}  // namespace trunkline::tracking_sync
