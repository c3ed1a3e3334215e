#include "services/gateway/calls/call_plan_store.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::gateway {
namespace {

using plans::v1::Branch;
using plans::v1::CallPlan;
using plans::v1::GetCallPlanRequest;
using plans::v1::Step;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

bool Matches(const Branch& branch, const GetCallPlanRequest& request) {
  if (!branch.digits().empty() && branch.digits() != request.digits()) return false;
  if (!branch.speech().empty() && !EqualsIgnoreCase(Trim(branch.speech()), Trim(request.speech()))) return false;
  return !branch.digits().empty() || !branch.speech().empty();
}

absl::StatusOr<std::optional<CallPlan>> PlanOf(const absl::StatusOr<Result>& rows) {
  TL_RETURN_IF_ERROR(rows.status());
  if (rows->empty() || rows->IsNull(0, 0)) return std::nullopt;
  CallPlan plan;
  if (!plan.ParseFromString(rows->Bytes(0, 0))) return absl::DataLossError("a stored call plan cannot be read");
  return plan;
}

// The same bytes for the same plan, whatever the order of its maps.
std::string BytesOf(const CallPlan& plan) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  plan.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

std::optional<CallPlan> PlanAtStep(const CallPlan& plan, const GetCallPlanRequest& request) {
  CallPlan out;
  if (request.step().empty()) {
    *out.mutable_verbs() = plan.verbs();
    return out;
  }
  const auto found = plan.steps().find(request.step());
  if (found == plan.steps().end()) return std::nullopt;
  const Step& step = found->second;
  const auto branch = std::find_if(step.branches().begin(), step.branches().end(),
                                   [&](const Branch& candidate) { return Matches(candidate, request); });
  if (branch == step.branches().end()) {
    *out.mutable_verbs() = step.verbs();
    return out;
  }
  const auto next = plan.steps().find(branch->step());
  if (next == plan.steps().end()) return std::nullopt;
  *out.mutable_verbs() = next->second.verbs();
  return out;
}

absl::StatusOr<std::optional<CallPlan>> CallPlanStore::Whole(const GetCallPlanRequest& request) {
  using Answer = absl::StatusOr<std::optional<CallPlan>>;
  return pool_.InBusiness(request.business_id(), [&](Transaction& tx) -> Answer {
    TL_ASSIGN_OR_RETURN(std::optional<CallPlan> given,
                        PlanOf(tx.Execute("SELECT plan FROM call_plans WHERE call_id = $1", {request.call_id()})));
    if (given.has_value()) return given;
    TL_ASSIGN_OR_RETURN(std::optional<CallPlan> dialled,
                        PlanOf(tx.Execute("SELECT plan FROM dial_intents WHERE call_id = $1", {request.call_id()})));
    if (dialled.has_value() || !request.inbound()) return dialled;
    const std::string called = telephony::ToE164(request.to()).value_or(request.to());
    return PlanOf(tx.Execute("SELECT inbound_plan FROM business_phone_numbers WHERE number = $1", {called}));
  });
}

absl::StatusOr<std::optional<CallPlan>> CallPlanStore::Give(const std::string& business_id, const std::string& call_id,
                                                            const CallPlan& plan, absl::Time now) {
  using Answer = absl::StatusOr<std::optional<CallPlan>>;
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> Answer {
    TL_ASSIGN_OR_RETURN(
        const std::optional<CallPlan> earlier,
        PlanOf(tx.Execute("SELECT plan FROM call_plans WHERE business_id = $1 AND call_id = $2 FOR UPDATE",
                          {business_id, call_id})));
    TL_RETURN_IF_ERROR(
        tx.Execute(
              "INSERT INTO call_plans (business_id, call_id, plan, given_at) VALUES ($1, $2, $3, $4) "
              "ON CONFLICT (business_id, call_id) DO UPDATE SET plan = excluded.plan, given_at = excluded.given_at",
              {business_id, call_id, Parameter::Bytes(BytesOf(plan)), now})
            .status());
    return earlier;
  });
}

absl::Status CallPlanStore::TakeBack(const std::string& business_id, const std::string& call_id, const CallPlan& given,
                                     const std::optional<CallPlan>& earlier) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) {
    if (earlier.has_value()) {
      return tx
          .Execute("UPDATE call_plans SET plan = $4 WHERE business_id = $1 AND call_id = $2 AND plan = $3",
                   {business_id, call_id, Parameter::Bytes(BytesOf(given)), Parameter::Bytes(BytesOf(*earlier))})
          .status();
    }
    return tx
        .Execute("DELETE FROM call_plans WHERE business_id = $1 AND call_id = $2 AND plan = $3",
                 {business_id, call_id, Parameter::Bytes(BytesOf(given))})
        .status();
  });
}

absl::StatusOr<CallPlan> CallPlanStore::Get(const GetCallPlanRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.business_id(), "business_id");
  checks.RequireUuid(request.call_id(), "call_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  TL_ASSIGN_OR_RETURN(const std::optional<CallPlan> whole, Whole(request));
  const std::optional<CallPlan> plan = whole.has_value() ? PlanAtStep(*whole, request) : std::nullopt;
  if (!plan.has_value()) {
    return Error(absl::StatusCode::kNotFound, Reason::REASON_NO_CALL_PLAN,
                 request.step().empty() ? "neither the call nor its number has a plan"
                                        : "the call's plan has no step of this name",
                 {{"call_id", request.call_id()}});
  }
  return *plan;
}

}  // namespace trunkline::gateway
