// ProviderAccountService on gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/gateway/accounts/account_commands.h"
#include "trunkline/accounts/v1/provider_account_service.grpc.pb.h"

namespace trunkline::gateway {

class ProviderAccountHandler final : public accounts::v1::ProviderAccountService::Service {
 public:
  // `methods` authenticates by API key. All outlive the handler.
  ProviderAccountHandler(const rpc::Methods& methods, AccountCommands& commands)
      : methods_(methods), commands_(commands) {}

  grpc::Status CreateProviderAccount(grpc::ServerContext* context,
                                     const accounts::v1::CreateProviderAccountRequest* request,
                                     accounts::v1::CreateProviderAccountResponse* response) override;
  grpc::Status GetProviderAccount(grpc::ServerContext* context, const accounts::v1::GetProviderAccountRequest* request,
                                  accounts::v1::GetProviderAccountResponse* response) override;
  grpc::Status ListProviderAccounts(grpc::ServerContext* context,
                                    const accounts::v1::ListProviderAccountsRequest* request,
                                    accounts::v1::ListProviderAccountsResponse* response) override;
  grpc::Status UpdateProviderAccount(grpc::ServerContext* context,
                                     const accounts::v1::UpdateProviderAccountRequest* request,
                                     accounts::v1::UpdateProviderAccountResponse* response) override;
  grpc::Status ValidateProviderAccount(grpc::ServerContext* context,
                                       const accounts::v1::ValidateProviderAccountRequest* request,
                                       accounts::v1::ValidateProviderAccountResponse* response) override;
  grpc::Status PutPhoneNumber(grpc::ServerContext* context, const accounts::v1::PutPhoneNumberRequest* request,
                              accounts::v1::PutPhoneNumberResponse* response) override;
  grpc::Status ListPhoneNumbers(grpc::ServerContext* context, const accounts::v1::ListPhoneNumbersRequest* request,
                                accounts::v1::ListPhoneNumbersResponse* response) override;
  grpc::Status DeletePhoneNumber(grpc::ServerContext* context, const accounts::v1::DeletePhoneNumberRequest* request,
                                 accounts::v1::DeletePhoneNumberResponse* response) override;

 private:
  const rpc::Methods& methods_;
  AccountCommands& commands_;
};

}  // namespace trunkline::gateway
