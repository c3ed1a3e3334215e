#include "services/concurrency-governor/api/request_checks.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::governor {
namespace {

constexpr int kMostSlots = 1'000;
constexpr size_t kLongestText = 128;
constexpr int kMostCalls = 1'000'000;
constexpr absl::Duration kLongestWait = absl::Minutes(1);
constexpr absl::Duration kLongestSpacing = absl::Hours(1);

// Collects what is wrong.
class Checks {
 public:
  void Require(bool right, std::string field, std::string must) {
    if (!right) violations_.push_back({std::move(field), std::move(must)});
  }
  void RequireUuid(const std::string& value, std::string field) {
    Require(IsUuid(value), std::move(field), "must be a UUID in lower case");
  }
  void RequireText(const std::string& value, std::string field, bool required = false) {
    Require((!required || !value.empty()) && value.size() <= kLongestText && IsStorableText(value), std::move(field),
            Concat("must be ", required ? "1 to " : "at most ", kLongestText, " characters without NUL"));
  }
  void RequireCount(int value, int largest, std::string field) {
    Require(value >= 0 && value <= largest, std::move(field), Concat("must be from 0 to ", largest));
  }
  absl::Status Finish() const { return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_); }

 private:
  std::vector<FieldViolation> violations_;
};

void CheckSubject(const v1::SlotSubject& subject, const std::string& path, Checks* checks) {
  checks->RequireUuid(subject.business_id(), Concat(path, ".business_id"));
  checks->RequireText(subject.provider_account_id(), Concat(path, ".provider_account_id"));
  checks->RequireText(subject.caller_number(), Concat(path, ".caller_number"));
  checks->RequireText(subject.campaign_id(), Concat(path, ".campaign_id"));
}

void CheckKind(v1::SlotKind kind, const std::string& path, Checks* checks) {
  checks->Require(v1::SlotKind_IsValid(kind) && kind != v1::SLOT_KIND_INBOUND, Concat(path, "kind"),
                  "must be ordinary or priority; inbound calls are counted when they are seen");
}

void CheckReference(const v1::SlotReference& reference, const std::string& path, Checks* checks) {
  checks->RequireUuid(reference.business_id(), Concat(path, ".business_id"));
  switch (reference.id_case()) {
    case v1::SlotReference::kSlotId:
      checks->RequireUuid(reference.slot_id(), Concat(path, ".slot_id"));
      break;
    case v1::SlotReference::kRequestId:
      checks->RequireText(reference.request_id(), Concat(path, ".request_id"), /*required=*/true);
      break;
    case v1::SlotReference::kCallId:
      checks->RequireText(reference.call_id(), Concat(path, ".call_id"), /*required=*/true);
      break;
    default:
      checks->Require(false, path, "must name a slot by slot_id, request_id or call_id");
  }
}

template <typename Request>
absl::Status CheckReferences(const Request& request) {
  Checks checks;
  checks.Require(request.slots_size() >= 1 && request.slots_size() <= kMostSlots, "slots",
                 Concat("must be 1 to ", kMostSlots));
  for (int i = 0; i < request.slots_size() && i < kMostSlots; ++i) {
    CheckReference(request.slots(i), Concat("slots[", i, "]"), &checks);
  }
  return checks.Finish();
}

void CheckKey(const v1::LevelLimits& limits, const std::string& path, Checks* checks) {
  checks->Require(v1::Level_IsValid(limits.level()) && limits.level() != v1::LEVEL_UNSPECIFIED, Concat(path, ".level"),
                  "must be a level");
  const bool global = limits.level() == v1::LEVEL_GLOBAL;
  checks->Require(limits.subject_id().empty() == global, Concat(path, ".subject_id"),
                  global ? "must be empty at the global level" : "must name whom the limits are for");
  checks->RequireText(limits.subject_id(), Concat(path, ".subject_id"));
}

void CheckLimits(const v1::LevelLimits& limits, const std::string& path, Checks* checks) {
  CheckKey(limits, path, checks);
  checks->RequireCount(limits.max_concurrent_calls(), kMostCalls, Concat(path, ".max_concurrent_calls"));
  checks->RequireCount(limits.rates().per_second(), kMostCalls, Concat(path, ".rates.per_second"));
  checks->RequireCount(limits.rates().per_minute(), kMostCalls, Concat(path, ".rates.per_minute"));
  checks->RequireCount(limits.rates().per_hour(), kMostCalls, Concat(path, ".rates.per_hour"));
  const absl::Duration spacing = telephony::FromProto(limits.rates().spacing());
  checks->Require(spacing >= absl::ZeroDuration() && spacing <= kLongestSpacing, Concat(path, ".rates.spacing"),
                  "must be from 0 to one hour");
  checks->RequireCount(limits.kept_for_inbound(), kMostCalls, Concat(path, ".kept_for_inbound"));
  checks->RequireCount(limits.kept_for_priority(), kMostCalls, Concat(path, ".kept_for_priority"));
  checks->RequireCount(limits.guaranteed_calls(), kMostCalls, Concat(path, ".guaranteed_calls"));
  checks->RequireCount(limits.burst_calls(), kMostCalls, Concat(path, ".burst_calls"));
  checks->RequireCount(limits.weight(), 1'000, Concat(path, ".weight"));
  const bool of_business = limits.guaranteed_calls() > 0 || limits.burst_calls() > 0 || limits.weight() > 0;
  checks->Require(!of_business || limits.level() == v1::LEVEL_BUSINESS, path,
                  "only a business has guaranteed_calls, burst_calls and weight");
  checks->Require(limits.guaranteed_calls() <= limits.max_concurrent_calls(), Concat(path, ".guaranteed_calls"),
                  "must not be more than max_concurrent_calls");
}

}  // namespace

absl::Status Check(const v1::AcquireSlotsRequest& request) {
  Checks checks;
  checks.Require(request.slots_size() >= 1 && request.slots_size() <= kMostSlots, "slots",
                 Concat("must be 1 to ", kMostSlots));
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < request.slots_size() && i < kMostSlots; ++i) {
    const v1::SlotRequest& slot = request.slots(i);
    const std::string path = Concat("slots[", i, "]");
    checks.RequireText(slot.request_id(), Concat(path, ".request_id"), /*required=*/true);
    checks.Require(seen.insert({slot.subject().business_id(), slot.request_id()}).second, Concat(path, ".request_id"),
                   "must not come twice in a batch");
    CheckSubject(slot.subject(), Concat(path, ".subject"), &checks);
    CheckKind(slot.kind(), Concat(path, "."), &checks);
    checks.RequireText(slot.call_id(), Concat(path, ".call_id"));
  }
  const absl::Duration wait = telephony::FromProto(request.wait());
  checks.Require(wait >= absl::ZeroDuration() && wait <= kLongestWait, "wait", "must be from 0 to 60 s");
  return checks.Finish();
}

absl::Status Check(const v1::BindSlotRequest& request) {
  Checks checks;
  CheckReference(request.slot(), "slot", &checks);
  checks.RequireText(request.call_id(), "call_id", /*required=*/true);
  return checks.Finish();
}

absl::Status Check(const v1::RenewSlotsRequest& request) { return CheckReferences(request); }
absl::Status Check(const v1::ReleaseSlotsRequest& request) { return CheckReferences(request); }

absl::Status Check(const v1::ReleaseSlotRequest& request) {
  Checks checks;
  CheckReference(request.slot(), "slot", &checks);
  return checks.Finish();
}

absl::Status Check(const v1::SetLimitsRequest& request) {
  Checks checks;
  std::set<std::pair<int, std::string>> seen;
  for (int i = 0; i < request.limits_size(); ++i) {
    const v1::LevelLimits& limits = request.limits(i);
    CheckLimits(limits, Concat("limits[", i, "]"), &checks);
    checks.Require(seen.insert({limits.level(), limits.subject_id()}).second, Concat("limits[", i, "]"),
                   "must not name the same level twice");
  }
  for (int i = 0; i < request.cleared_size(); ++i) {
    const v1::LevelLimits& limits = request.cleared(i);
    CheckKey(limits, Concat("cleared[", i, "]"), &checks);
    checks.Require(seen.insert({limits.level(), limits.subject_id()}).second, Concat("cleared[", i, "]"),
                   "must not name the same level twice");
  }
  return checks.Finish();
}

absl::Status Check(const v1::ExplainRequest& request) {
  Checks checks;
  CheckSubject(request.subject(), "subject", &checks);
  CheckKind(request.kind(), "", &checks);
  return checks.Finish();
}

absl::Status Check(const v1::NoteRefusalRequest& request) {
  Checks checks;
  checks.RequireUuid(request.business_id(), "business_id");
  checks.RequireText(request.provider_account_id(), "provider_account_id", /*required=*/true);
  return checks.Finish();
}

}  // namespace trunkline::governor
