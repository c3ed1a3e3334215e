#include "services/call-tracking-sync/handlers/tracking_webhook_handler.h"

#include <utility>

#include "libs/base/status.h"
#include "services/call-tracking-sync/handlers/settling.h"

namespace trunkline::tracking_sync {

using rpc::Caller;
namespace v1 = tracking::v1;

namespace {

bool IsCarriedOut(const v1::WebhookRegistration& registration) {
  return registration.state() != v1::WEBHOOK_REGISTRATION_STATE_PENDING || !registration.error().empty();
}

}  // namespace

absl::StatusOr<v1::WebhookRegistration> TrackingWebhookHandler::Wish(const grpc::ServerContext& context,
                                                                     const Caller& caller,
                                                                     const std::string& account_id, bool is_wanted) {
  const Settling settling(context, parts_.methods, parts_.notices);
  TL_ASSIGN_OR_RETURN(v1::WebhookRegistration registration, parts_.webhooks.Wish(caller, account_id, is_wanted));
  return settling.Await(std::move(registration), &IsCarriedOut,
                        [&] { return parts_.webhooks.Get(caller.business_id, account_id); });
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
