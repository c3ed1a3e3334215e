// What businesses ask of the webhooks at platforms. Nothing here asks a platform: it is written down for the owner of
// the account.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "libs/tracking/registry.h"
#include "services/call-tracking-sync/accounts/tracked_accounts.h"
#include "trunkline/tracking/v1/tracking_webhook_service.pb.h"

namespace trunkline::tracking_sync {

class WebhookRequests {
 public:
  // All of them outlive the object. The pool acts for one business at a time.
  WebhookRequests(postgres::Pool& pool, const tracking::Registry& platforms, const TrackedAccounts& accounts,
                  const Clock& clock)
      : pool_(pool), platforms_(platforms), accounts_(accounts), clock_(clock) {}

  // Writes down that the account's webhooks are to stand at its platform, or not to; asked again, the platform is asked
  // again. As they stand now. NOT_FOUND PROVIDER_ACCOUNT_NOT_FOUND; FAILED_PRECONDITION PROVIDER_ACCOUNT_DISABLED.
  absl::StatusOr<tracking::v1::WebhookRegistration> Wish(const rpc::Caller& caller, std::string_view account_id,
                                                         bool is_wanted);
  absl::StatusOr<tracking::v1::WebhookRegistration> Get(std::string_view business_id, std::string_view account_id);
  absl::StatusOr<tracking::v1::ListTrackingWebhooksResponse> List(
      std::string_view business_id, const tracking::v1::ListTrackingWebhooksRequest& request);

 private:
  postgres::Pool& pool_;
  const tracking::Registry& platforms_;
  const TrackedAccounts& accounts_;
  const Clock& clock_;
};

}  // namespace trunkline::tracking_sync
