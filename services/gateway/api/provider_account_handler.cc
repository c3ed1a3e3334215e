#include "services/gateway/api/provider_account_handler.h"

#include "libs/base/status.h"

namespace trunkline::gateway {

using rpc::Caller;

grpc::Status ProviderAccountHandler::CreateProviderAccount(grpc::ServerContext* context,
                                                           const accounts::v1::CreateProviderAccountRequest* request,
                                                           accounts::v1::CreateProviderAccountResponse* response) {
  return methods_.Unary("ProviderAccountService/CreateProviderAccount", context,
                        [&](const Caller& caller) -> absl::Status {
                          TL_ASSIGN_OR_RETURN(const AccountRow account, commands_.Create(caller, request->account()));
                          *response->mutable_account() = ShowAccount(account);
                          const auto urls = commands_.UrlsToEnter(account);
                          response->mutable_webhook_urls()->insert(urls.begin(), urls.end());
                          return absl::OkStatus();
                        });
}

grpc::Status ProviderAccountHandler::GetProviderAccount(grpc::ServerContext* context,
                                                        const accounts::v1::GetProviderAccountRequest* request,
                                                        accounts::v1::GetProviderAccountResponse* response) {
  return methods_.Unary(
      "ProviderAccountService/GetProviderAccount", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(const AccountRow account, commands_.Get(caller, request->provider_account_id()));
        *response->mutable_account() = ShowAccount(account);
        const auto urls = commands_.UrlsToEnter(account);
        response->mutable_webhook_urls()->insert(urls.begin(), urls.end());
        return absl::OkStatus();
      });
}

grpc::Status ProviderAccountHandler::ListProviderAccounts(grpc::ServerContext* context,
                                                          const accounts::v1::ListProviderAccountsRequest* request,
                                                          accounts::v1::ListProviderAccountsResponse* response) {
  return methods_.Unary("ProviderAccountService/ListProviderAccounts", context,
                        [&](const Caller& caller) -> absl::Status {
                          TL_ASSIGN_OR_RETURN(*response, commands_.List(caller, *request));
                          return absl::OkStatus();
                        });
}

grpc::Status ProviderAccountHandler::UpdateProviderAccount(grpc::ServerContext* context,
                                                           const accounts::v1::UpdateProviderAccountRequest* request,
                                                           accounts::v1::UpdateProviderAccountResponse* response) {
  return methods_.Unary("ProviderAccountService/UpdateProviderAccount", context,
                        [&](const Caller& caller) -> absl::Status {
                          TL_ASSIGN_OR_RETURN(const AccountRow account, commands_.Update(caller, *request));
                          *response->mutable_account() = ShowAccount(account);
                          return absl::OkStatus();
                        });
}

grpc::Status ProviderAccountHandler::ValidateProviderAccount(
    grpc::ServerContext* context, const accounts::v1::ValidateProviderAccountRequest* request,
    accounts::v1::ValidateProviderAccountResponse* response) {
  return methods_.Unary(
      "ProviderAccountService/ValidateProviderAccount", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(const auto problems, commands_.Validate(caller, request->provider_account_id()));
        response->set_valid(problems.empty());
        for (const providers::AccountProblem& problem : problems) {
          auto* shown = response->add_problems();
          shown->set_field(problem.field);
          shown->set_reason(problem.reason);
          shown->set_message(problem.message);
        }
        return absl::OkStatus();
      });
}

grpc::Status ProviderAccountHandler::PutPhoneNumber(grpc::ServerContext* context,
                                                    const accounts::v1::PutPhoneNumberRequest* request,
                                                    accounts::v1::PutPhoneNumberResponse* response) {
  return methods_.Unary("ProviderAccountService/PutPhoneNumber", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_phone_number(), commands_.PutNumber(caller, request->phone_number()));
    return absl::OkStatus();
  });
}

grpc::Status ProviderAccountHandler::ListPhoneNumbers(grpc::ServerContext* context,
                                                      const accounts::v1::ListPhoneNumbersRequest* request,
                                                      accounts::v1::ListPhoneNumbersResponse* response) {
  return methods_.Unary("ProviderAccountService/ListPhoneNumbers", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, commands_.ListNumbers(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status ProviderAccountHandler::DeletePhoneNumber(grpc::ServerContext* context,
                                                       const accounts::v1::DeletePhoneNumberRequest* request,
                                                       accounts::v1::DeletePhoneNumberResponse* /*response*/) {
  return methods_.Unary("ProviderAccountService/DeletePhoneNumber", context,
                        [&](const Caller& caller) { return commands_.DeleteNumber(caller, request->number()); });
}

}  // namespace trunkline::gateway
