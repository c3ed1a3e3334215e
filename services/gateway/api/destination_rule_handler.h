// DestinationRuleService on gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/gateway/accounts/destination_rules.h"
#include "trunkline/accounts/v1/destination_rule_service.grpc.pb.h"

namespace trunkline::gateway {

class DestinationRuleHandler final : public accounts::v1::DestinationRuleService::Service {
 public:
  // Both outlive the handler.
  DestinationRuleHandler(const rpc::Methods& methods, DestinationRules& rules) : methods_(methods), rules_(rules) {}

  grpc::Status ListDestinationRules(grpc::ServerContext* context,
                                    const accounts::v1::ListDestinationRulesRequest* request,
                                    accounts::v1::ListDestinationRulesResponse* response) override;
  grpc::Status PutDestinationRule(grpc::ServerContext* context, const accounts::v1::PutDestinationRuleRequest* request,
                                  accounts::v1::PutDestinationRuleResponse* response) override;
  grpc::Status DeleteDestinationRule(grpc::ServerContext* context,
                                     const accounts::v1::DeleteDestinationRuleRequest* request,
                                     accounts::v1::DeleteDestinationRuleResponse* response) override;

 private:
  const rpc::Methods& methods_;
  DestinationRules& rules_;
};

}  // namespace trunkline::gateway
