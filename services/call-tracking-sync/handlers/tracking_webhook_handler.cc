#include "services/call-tracking-sync/handlers/tracking_webhook_handler.h"

#include <algorithm>

#include "libs/base/status.h"
#include "services/call-tracking-sync/handlers/tracking_call_handler.h"

namespace trunkline::tracking_sync {

using rpc::Caller;
namespace v1 = tracking::v1;

namespace {

constexpr absl::Duration kLookAtRegistration = absl::Seconds(1);  // at the registration, without a notice

}  // namespace

absl::StatusOr<v1::WebhookRegistration> TrackingWebhookHandler::Wish(const grpc::ServerContext& context,
                                                                     const Caller& caller,
                                                                     const std::string& account_id, bool is_wanted) {
  const absl::Time until = parts_.methods.Now() + PatienceOf(context);
  uint64_t told = parts_.notices.count();
  TL_ASSIGN_OR_RETURN(v1::WebhookRegistration registration, parts_.webhooks.Wish(caller, account_id, is_wanted));
  while (registration.state() == v1::WEBHOOK_REGISTRATION_STATE_PENDING && registration.error().empty() &&
         parts_.methods.Now() < until) {
    parts_.notices.WaitPast(told, std::min(until - parts_.methods.Now(), kLookAtRegistration));
    told = parts_.notices.count();
    TL_ASSIGN_OR_RETURN(registration, parts_.webhooks.Get(caller.business_id, account_id));
  }
  return registration;
}

grpc::Status TrackingWebhookHandler::RegisterTrackingWebhooks(grpc::ServerContext* context,
                                                              const v1::RegisterTrackingWebhooksRequest* request,
                                                              v1::RegisterTrackingWebhooksResponse* response) {
  return parts_.methods.Unary(
      "TrackingWebhookService/RegisterTrackingWebhooks", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_registration(),
                            Wish(*context, caller, request->provider_account_id(), /*is_wanted=*/true));
        return absl::OkStatus();
      });
}

grpc::Status TrackingWebhookHandler::UnregisterTrackingWebhooks(grpc::ServerContext* context,
                                                                const v1::UnregisterTrackingWebhooksRequest* request,
                                                                v1::UnregisterTrackingWebhooksResponse* response) {
  return parts_.methods.Unary(
      "TrackingWebhookService/UnregisterTrackingWebhooks", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_registration(),
                            Wish(*context, caller, request->provider_account_id(), /*is_wanted=*/false));
        return absl::OkStatus();
      });
}

grpc::Status TrackingWebhookHandler::ListTrackingWebhooks(grpc::ServerContext* context,
                                                          const v1::ListTrackingWebhooksRequest* request,
                                                          v1::ListTrackingWebhooksResponse* response) {
  return parts_.methods.Unary("TrackingWebhookService/ListTrackingWebhooks", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.webhooks.List(caller.business_id, *request));
                                return absl::OkStatus();
                              });
}

}  // namespace trunkline::tracking_sync
