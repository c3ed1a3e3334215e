#include "services/gateway/dialing/governor_admission.h"

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

absl::Status GovernorAway(const absl::Status& cause) {
  LogWarning("the governor could not be asked", {{"error", cause}});
  return WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
            "whether one more call may be placed cannot be told now; ask again with the same request_id"),
      absl::Seconds(1));
}

}  // namespace

absl::Status GovernorAdmission::Acquire(const AdmissionRequest& request) {
  if (!request.slot_id.empty() || !request.attempt_id.empty()) {
    governor::v1::BindSlotRequest bind;
    bind.mutable_slot()->set_business_id(request.business_id);
    if (!request.slot_id.empty()) {
      bind.mutable_slot()->set_slot_id(request.slot_id);
    } else {
      bind.mutable_slot()->set_request_id(request.attempt_id);
    }
    bind.set_call_id(request.call_id);
    // A campaign may leave them to the gateway, and its slots were granted without them.
    bind.set_provider_account_id(request.provider_account_id);
    bind.set_caller_number(request.caller_number);
    const absl::Status bound = governor_.BindSlot(bind).status();
    if (bound.ok() || absl::IsResourceExhausted(bound)) return bound;
    // The attempt has none, or not any more.
    if (ReasonOf(bound) != Reason::REASON_SLOT_NOT_FOUND) return GovernorAway(bound);
  }
  governor::v1::AcquireSlotsRequest acquire;
  *acquire.mutable_wait() = telephony::ToProto(wait_);
  governor::v1::SlotRequest* slot = acquire.add_slots();
  slot->set_request_id(Concat(request.call_id, "/", request.attempt));
  slot->set_call_id(request.call_id);
  slot->set_kind(governor::v1::SLOT_KIND_ORDINARY);
  slot->mutable_subject()->set_business_id(request.business_id);
  slot->mutable_subject()->set_provider_account_id(request.provider_account_id);
  slot->mutable_subject()->set_caller_number(request.caller_number);
  slot->mutable_subject()->set_campaign_id(request.campaign_id);
  const absl::Status acquired = governor_.AcquireSlots(acquire).status();
  if (acquired.ok() || acquired.code() == absl::StatusCode::kResourceExhausted) return acquired;
  return GovernorAway(acquired);
}

void GovernorAdmission::Release(const AdmissionRequest& request) {
  governor::v1::ReleaseSlotRequest release;
  release.mutable_slot()->set_business_id(request.business_id);
  release.mutable_slot()->set_call_id(request.call_id);
  if (const absl::Status released = governor_.ReleaseSlot(release).status(); !released.ok()) {
    LogWarning("a slot could not be given back; it ends when its call is asked about",
               {{"call_id", request.call_id}, {"error", released}});
  }
}

void GovernorAdmission::NoteRefusal(const std::string& business_id, const std::string& provider_account_id) {
  refusals_.Add([this, business_id, provider_account_id] {
    governor::v1::NoteRefusalRequest refusal;
    refusal.set_business_id(business_id);
    refusal.set_provider_account_id(provider_account_id);
    if (const absl::Status noted = governor_.NoteRefusal(refusal).status(); !noted.ok()) {
      LogWarning("a provider's refusal could not be told to the governor", {{"error", noted}});
    }
  });
}

}  // namespace trunkline::gateway
