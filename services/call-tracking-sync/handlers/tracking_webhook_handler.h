// TrackingWebhookService over gRPC.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/rpc/method.h"
#include "services/call-tracking-sync/webhooks/webhook_requests.h"
#include "services/call-tracking-sync/work/notices.h"
#include "trunkline/tracking/v1/tracking_webhook_service.grpc.pb.h"

namespace trunkline::tracking_sync {

class TrackingWebhookHandler final : public tracking::v1::TrackingWebhookService::Service {
 public:
  struct Parts {  // all of them outlive the object
    const rpc::Methods& methods;
    WebhookRequests& webhooks;
    Notices& notices;
  };

  explicit TrackingWebhookHandler(Parts parts) : parts_(parts) {}

  grpc::Status RegisterTrackingWebhooks(grpc::ServerContext* context,
                                        const tracking::v1::RegisterTrackingWebhooksRequest* request,
                                        tracking::v1::RegisterTrackingWebhooksResponse* response) override;
  grpc::Status UnregisterTrackingWebhooks(grpc::ServerContext* context,
                                          const tracking::v1::UnregisterTrackingWebhooksRequest* request,
                                          tracking::v1::UnregisterTrackingWebhooksResponse* response) override;
  grpc::Status ListTrackingWebhooks(grpc::ServerContext* context,
                                    const tracking::v1::ListTrackingWebhooksRequest* request,
                                    tracking::v1::ListTrackingWebhooksResponse* response) override;

 private:
  // Waits a little for the wish to be carried out, or to fail.
  absl::StatusOr<tracking::v1::WebhookRegistration> Wish(const grpc::ServerContext& context, const rpc::Caller& caller,
                                                         const std::string& account_id, bool is_wanted);

  const Parts parts_;
};

}  // namespace trunkline::tracking_sync
