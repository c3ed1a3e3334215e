#include "services/gateway/dialing/call_explainer.h"

#include <optional>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using control::v1::CallGate;
using control::v1::InitiateCallRequest;

constexpr std::string_view kRulePrefix = "GATE_RULE_";
constexpr std::string_view kLevelPrefix = "LEVEL_";

CallGate ToCallGate(const governor::v1::Gate& told) {
  CallGate gate;
  gate.set_gate(Lower(std::string_view(governor::v1::GateRule_Name(told.rule())).substr(kRulePrefix.size())));
  gate.set_level(Lower(std::string_view(governor::v1::Level_Name(told.level())).substr(kLevelPrefix.size())));
  gate.set_passes(told.passes());
  gate.set_value(Concat(told.value()));
  gate.set_limit(Concat(told.limit()));
  if (told.has_next_at()) *gate.mutable_next_at() = told.next_at();
  return gate;
}

}  // namespace

absl::StatusOr<control::v1::ExplainCallResponse> CallExplainer::Explain(const rpc::Caller& caller,
                                                                        const InitiateCallRequest& call) {
  FieldChecks checks;
  const std::optional<std::string> to = telephony::ToE164(call.to());
  checks.Require(to.has_value(), "call.to", "must be a phone number in E.164: '+', country code, number");
  const std::optional<std::string> from = call.from().empty() ? "" : telephony::ToE164(call.from());
  checks.Require(from.has_value(), "call.from", "must be a phone number in E.164, or empty for the account's default");
  TL_RETURN_IF_ERROR(checks.Finish());

  Gates gates;
  TL_ASSIGN_OR_RETURN(const auto limits, parts_.accounts.LimitsOf(caller.business_id));
  gates.push_back(ToGate(parts_.destinations.Check(*to, limits->destination_rules), "destination", ""));

  TL_ASSIGN_OR_RETURN(const auto accounts, parts_.accounts.FreshlyOf(caller.business_id));
  const std::string account_id = Lower(call.provider_account_id());
  const absl::StatusOr<std::vector<DialRoute>> routes = ChooseRoutes(
      *accounts, parts_.registry,
      {.account_id = account_id, .from = *from, .record = call.record(), .detect_machine = call.detect_machine()});
  gates.push_back(ToGate(routes.status(), "account", "provider_account"));

  if (const auto key = limits->keys.find(caller.api_key_id); key != limits->keys.end()) {
    TL_RETURN_IF_ERROR(ExplainKey(caller, key->second, &gates));
  }
  if (routes.ok()) {
    TL_RETURN_IF_ERROR(ExplainAccount(caller.business_id, routes->front(), &gates));
    ExplainLimits(caller.business_id, routes->front(), call, &gates);
  }
  ExplainBot(caller.business_id, call, &gates);
  control::v1::ExplainCallResponse response;
  response.mutable_gates()->Assign(gates.begin(), gates.end());
  return response;
}

absl::Status CallExplainer::ExplainKey(const rpc::Caller& caller, const KeyLimits& limits, Gates* gates) {
  return parts_.pool.InBusiness(caller.business_id, [&](postgres::Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const std::vector<RateUse> rates, LookAtRate(tx, limits.api_key_id, limits.rates));
    for (const RateUse& use : rates) gates->push_back(ToGate(use, "api_key"));
    if (limits.CapsSpending()) {
      gates->push_back(ToGate(LookAtSpending(tx, limits), "spending", "api_key"));
    }
    return absl::OkStatus();
  });
}

absl::Status CallExplainer::ExplainAccount(const std::string& business_id, const DialRoute& route, Gates* gates) {
  gates->push_back(ToGate(parts_.guard.Look(route.account.id), "circuit_breaker", "provider_account"));
  return parts_.pool.InBusiness(business_id, [&](postgres::Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const std::vector<RateUse> rates, LookAtRate(tx, route.account.id, route.rates));
    for (const RateUse& use : rates) gates->push_back(ToGate(use, "provider_account"));
    return absl::OkStatus();
  });
}

void CallExplainer::ExplainLimits(const std::string& business_id, const DialRoute& route,
                                  const InitiateCallRequest& call, Gates* gates) {
  if (parts_.governor == nullptr) return;
  governor::v1::ExplainRequest request;
  request.set_kind(governor::v1::SLOT_KIND_ORDINARY);
  request.mutable_subject()->set_business_id(business_id);
  request.mutable_subject()->set_provider_account_id(route.account.id);
  request.mutable_subject()->set_caller_number(route.from);
  request.mutable_subject()->set_campaign_id(call.campaign_id());
  const absl::StatusOr<governor::v1::ExplainResponse> told = parts_.governor->Explain(request);
  if (!told.ok()) {
    // Without it nothing is admitted, which is a gate as well.
    gates->push_back(ToGate(absl::UnavailableError("the governor cannot be asked now"), "governor", "global"));
    return;
  }
  for (const governor::v1::Gate& gate : told->gates()) gates->push_back(ToCallGate(gate));
}

void CallExplainer::ExplainBot(const std::string& business_id, const InitiateCallRequest& call, Gates* gates) {
  const std::optional<control::v1::BotWarmUp> bot =
      parts_.bots.BotOf(call.has_warm_up() ? &call.warm_up() : nullptr, /*of_campaign=*/!call.campaign_id().empty());
  if (!bot.has_value()) return;
  CallGate gate;
  gate.set_gate("warm_up");
  gate.set_passes(true);
  gate.set_value(parts_.bots.IsReady(*bot, business_id) ? "ready" : "to be made ready before the dial");
  gates->push_back(std::move(gate));
}

CallGate CallExplainer::ToGate(const absl::Status& passed, std::string_view gate, std::string_view level) const {
  CallGate out;
  out.set_gate(std::string(gate));
  out.set_level(std::string(level));
  out.set_passes(passed.ok());
  if (!passed.ok()) out.set_value(std::string(ToStd(passed.message())));
  if (const std::optional<absl::Duration> wait = RetryAfterOf(passed); wait.has_value()) {
    *out.mutable_next_at() = telephony::ToProto(parts_.clock.Now() + *wait);
  }
  return out;
}

CallGate CallExplainer::ToGate(const RateUse& use, std::string_view level) const {
  CallGate gate;
  gate.set_gate(use.limit.name);
  gate.set_level(std::string(level));
  gate.set_passes(use.wait <= absl::ZeroDuration());
  gate.set_value(Concat(use.used));
  gate.set_limit(Concat(use.limit.most));
  if (!gate.passes()) *gate.mutable_next_at() = telephony::ToProto(parts_.clock.Now() + use.wait);
  return gate;
}

}  // namespace trunkline::gateway
