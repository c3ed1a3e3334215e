#include "services/concurrency-governor/api/slot_messages.h"

#include <algorithm>
#include <set>

#include "google/rpc/error_details.pb.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::governor {
namespace {

constexpr absl::string_view kQuotaFailureUrl = "type.googleapis.com/google.rpc.QuotaFailure";

std::string_view NameOf(Level level) {
  switch (level) {
    case Level::kGlobal:
      return "global";
    case Level::kBusiness:
      return "business";
    case Level::kProviderAccount:
      return "provider account";
    case Level::kCallerNumber:
      return "caller number";
    case Level::kCampaign:
      return "campaign";
  }
  return "";
}

// As programs read it.
std::string CodeOf(Level level) {
  std::string code(NameOf(level));
  std::replace(code.begin(), code.end(), ' ', '_');
  return code;
}

std::string_view NameOf(GateRule rule) {
  switch (rule) {
    case GateRule::kConcurrency:
      return "calls in progress";
    case GateRule::kKeptFree:
      return "calls in progress beside those that are kept free";
    case GateRule::kGuaranteedToOthers:
      return "calls in progress beside those that are guaranteed to others";
    case GateRule::kLearnedCeiling:
      return "calls in progress that the provider takes";
    case GateRule::kPerSecond:
      return "calls in a second";
    case GateRule::kPerMinute:
      return "calls in a minute";
    case GateRule::kPerHour:
      return "calls in an hour";
    case GateRule::kSpacing:
      return "milliseconds since the last call";
  }
  return "";
}

// A number is not for errors that may be logged: its last digits will do.
std::string NameOf(const LevelKey& key) {
  if (key.level != Level::kCallerNumber) return Concat(NameOf(key.level), key.id.empty() ? "" : " ", key.id);
  return Concat(NameOf(key.level), " ...", key.id.substr(key.id.size() > 4 ? key.id.size() - 4 : 0));
}

}  // namespace

void Fill(const Slot& slot, v1::Slot* out) {
  out->set_slot_id(slot.slot_id());
  out->set_fencing_token(slot.fencing_token());
  out->set_request_id(slot.grant->request_id);
  v1::SlotSubject* subject = out->mutable_subject();
  subject->set_business_id(slot.subject().business_id);
  subject->set_provider_account_id(slot.subject().provider_account_id);
  subject->set_caller_number(slot.subject().caller_number);
  subject->set_campaign_id(slot.subject().campaign_id);
  out->set_kind(static_cast<v1::SlotKind>(slot.kind()));
  out->set_call_id(slot.call_id);
  *out->mutable_granted_at() = telephony::ToProto(slot.granted_at());
  if (slot.expires_at != absl::InfiniteFuture()) *out->mutable_expires_at() = telephony::ToProto(slot.expires_at);
  if (slot.released_at.has_value()) *out->mutable_released_at() = telephony::ToProto(*slot.released_at);
  out->set_release_reason(static_cast<v1::ReleaseReason>(slot.reason));
}

v1::Gate ToProto(const Gate& gate) {
  v1::Gate out;
  out.set_level(static_cast<v1::Level>(gate.key.level));
  out.set_subject_id(gate.key.id);
  out.set_rule(static_cast<v1::GateRule>(gate.rule));
  out.set_value(gate.value);
  out.set_limit(gate.limit);
  out.set_passes(gate.passes);
  if (!gate.passes && gate.next != absl::InfiniteFuture()) *out.mutable_next_at() = telephony::ToProto(gate.next);
  return out;
}

v1::LevelLimits ToProto(const LevelKey& key, const Limits& limits) {
  v1::LevelLimits out;
  out.set_level(static_cast<v1::Level>(key.level));
  out.set_subject_id(key.id);
  if (limits.concurrency.has_value()) out.set_max_concurrent_calls(*limits.concurrency);
  out.mutable_rates()->set_per_second(limits.rates.per_second);
  out.mutable_rates()->set_per_minute(limits.rates.per_minute);
  out.mutable_rates()->set_per_hour(limits.rates.per_hour);
  *out.mutable_rates()->mutable_spacing() = telephony::ToProto(limits.rates.spacing);
  out.set_kept_for_inbound(limits.kept_for_inbound);
  out.set_kept_for_priority(limits.kept_for_priority);
  out.set_guaranteed_calls(limits.guaranteed);
  out.set_burst_calls(limits.burst);
  if (key.level == Level::kBusiness) out.set_weight(limits.weight);
  return out;
}

Subject FromProto(const v1::SlotSubject& subject) {
  return {.business_id = subject.business_id(),
          .provider_account_id = subject.provider_account_id(),
          .caller_number = subject.caller_number(),
          .campaign_id = subject.campaign_id()};
}

SlotReference FromProto(const v1::SlotReference& reference) {
  SlotReference out{.business_id = reference.business_id(), .fencing_token = reference.fencing_token()};
  switch (reference.id_case()) {
    case v1::SlotReference::kRequestId:
      out.by = SlotReference::By::kRequest;
      out.id = reference.request_id();
      break;
    case v1::SlotReference::kCallId:
      out.by = SlotReference::By::kCall;
      out.id = reference.call_id();
      break;
    default:
      out.id = reference.slot_id();
  }
  return out;
}

LevelKey KeyOf(const v1::LevelLimits& limits) { return {static_cast<Level>(limits.level()), limits.subject_id()}; }

Limits FromProto(const v1::LevelLimits& limits) {
  Limits out{.rates = {.per_second = limits.rates().per_second(),
                       .per_minute = limits.rates().per_minute(),
                       .per_hour = limits.rates().per_hour(),
                       .spacing = telephony::FromProto(limits.rates().spacing())},
             .kept_for_inbound = limits.kept_for_inbound(),
             .kept_for_priority = limits.kept_for_priority(),
             .guaranteed = limits.guaranteed_calls(),
             .burst = limits.burst_calls(),
             .weight = limits.weight() == 0 ? 1 : limits.weight()};
  if (limits.has_max_concurrent_calls()) out.concurrency = limits.max_concurrent_calls();
  return out;
}

SlotKind FromProto(v1::SlotKind kind) {
  return kind == v1::SLOT_KIND_UNSPECIFIED ? SlotKind::kOrdinary : static_cast<SlotKind>(kind);
}

v1::Usage UsageOf(const SlotLedger& ledger, const std::string& business_id, bool include_slots, absl::Time now) {
  std::vector<Slot> slots;
  if (include_slots || !business_id.empty()) slots = ledger.LiveSlots();
  // Which accounts, numbers and campaigns are the business's, is known from its slots.
  std::set<LevelKey> own = {{Level::kGlobal, ""}, {Level::kBusiness, business_id}};
  v1::Usage usage;
  for (const Slot& slot : slots) {
    if (!business_id.empty() && slot.subject().business_id != business_id) continue;
    for (LevelKey& key : slot.subject().Levels()) own.insert(std::move(key));
    if (include_slots) Fill(slot, usage.add_slots());
  }
  for (const LevelUse& use : ledger.book().Uses(now, business_id)) {
    if (!business_id.empty() && !own.contains(use.key)) continue;
    v1::LevelUsage* out = usage.add_levels();
    out->set_level(static_cast<v1::Level>(use.key.level));
    out->set_subject_id(use.key.id);
    out->set_in_use(use.in_use);
    out->set_inbound(use.inbound);
    out->set_priority(use.priority);
    if (use.ceiling.has_value()) out->set_ceiling(*use.ceiling);
    if (use.learned.has_value()) out->set_learned_ceiling(*use.learned);
    if (use.key.level == Level::kGlobal) out->set_waiting(static_cast<int>(ledger.waiting().size()));
    if (use.key.level == Level::kBusiness) out->set_waiting(static_cast<int>(ledger.waiting().SizeOf(use.key.id)));
  }
  return usage;
}

absl::Status StatusOf(const Decision& decision) {
  switch (decision.outcome) {
    case Decision::Outcome::kGranted:
      return absl::OkStatus();
    case Decision::Outcome::kReused:
      return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                   "the request_id came before for another subject or call; take a new one");
    case Decision::Outcome::kEnded:
      return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_SLOT_NOT_FOUND,
                   "the slot of this request_id has ended already; take a new one");
    case Decision::Outcome::kRefused:
      break;
  }
  std::string message;
  std::string levels;
  google::rpc::QuotaFailure quota;
  for (const Gate& gate : decision.shut) {
    const std::string told = Concat(gate.value, " of ", gate.limit, " ", NameOf(gate.rule));
    auto* violation = quota.add_violations();
    violation->set_subject(NameOf(gate.key));
    violation->set_description(told);
    message += Concat(message.empty() ? "" : "; ", NameOf(gate.key), ": ", told);
    levels += Concat(levels.empty() ? "" : ",", CodeOf(gate.key.level));
  }
  if (message.empty()) message = "too many requests wait for slots";
  absl::Status status = Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                              Concat("no slot is free: ", message), {{"levels", levels}});
  status.SetPayload(kQuotaFailureUrl, absl::Cord(quota.SerializeAsString()));
  return WithRetryAfter(std::move(status), decision.retry_after);
}

}  // namespace trunkline::governor
