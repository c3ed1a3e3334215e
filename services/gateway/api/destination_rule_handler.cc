#include "services/gateway/api/destination_rule_handler.h"

#include "libs/base/status.h"

namespace trunkline::gateway {

using rpc::Caller;

grpc::Status DestinationRuleHandler::ListDestinationRules(grpc::ServerContext* context,
                                                          const accounts::v1::ListDestinationRulesRequest* /*request*/,
                                                          accounts::v1::ListDestinationRulesResponse* response) {
  return methods_.Unary("DestinationRuleService/ListDestinationRules", context,
                        [&](const Caller& caller) -> absl::Status {
                          TL_ASSIGN_OR_RETURN(const auto rules, rules_.List(caller));
                          for (const accounts::v1::DestinationRule& rule : rules) *response->add_rules() = rule;
                          return absl::OkStatus();
                        });
}

grpc::Status DestinationRuleHandler::PutDestinationRule(grpc::ServerContext* context,
                                                        const accounts::v1::PutDestinationRuleRequest* request,
                                                        accounts::v1::PutDestinationRuleResponse* response) {
  return methods_.Unary("DestinationRuleService/PutDestinationRule", context,
                        [&](const Caller& caller) -> absl::Status {
                          TL_ASSIGN_OR_RETURN(*response->mutable_rule(), rules_.Put(caller, request->rule()));
                          return absl::OkStatus();
                        });
}

grpc::Status DestinationRuleHandler::DeleteDestinationRule(grpc::ServerContext* context,
                                                           const accounts::v1::DeleteDestinationRuleRequest* request,
                                                           accounts::v1::DeleteDestinationRuleResponse* /*response*/) {
  return methods_.Unary("DestinationRuleService/DeleteDestinationRule", context,
                        [&](const Caller& caller) { return rules_.Delete(caller, request->prefix()); });
}

}  // namespace trunkline::gateway
