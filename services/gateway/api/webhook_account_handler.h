// WebhookAccountService on gRPC.
#pragma once

#include "libs/rpc/authenticator.h"
#include "services/gateway/accounts/account_feed.h"
#include "trunkline/accounts/v1/webhook_account_service.grpc.pb.h"

namespace trunkline::gateway {

class WebhookAccountHandler final : public accounts::v1::WebhookAccountService::WithCallbackMethod_WatchWebhookAccounts<
                                        accounts::v1::WebhookAccountService::Service> {
 public:
  // The authenticator checks the service token, in memory. Both outlive the handler.
  WebhookAccountHandler(rpc::Authenticator& authenticator, AccountFeed& feed)
      : authenticator_(authenticator), feed_(feed) {}

  grpc::ServerWriteReactor<accounts::v1::WatchWebhookAccountsResponse>* WatchWebhookAccounts(
      grpc::CallbackServerContext* context, const accounts::v1::WatchWebhookAccountsRequest* request) override;

 private:
  rpc::Authenticator& authenticator_;
  AccountFeed& feed_;
};

}  // namespace trunkline::gateway
