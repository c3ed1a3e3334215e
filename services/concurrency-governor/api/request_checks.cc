#include "services/concurrency-governor/api/request_checks.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
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

// Where a field is, "slots[3].subject.business_id". It is written out only when the field is wrong: a batch has
// thousands.
class Path {
 public:
  // NOLINTNEXTLINE(misc-explicit-constructor): a field of the request itself is its name
  Path(const char* name) : name_(name) {}
  Path(const char* list, int index) : name_(list), index_(index) {}
  // The path before it outlives it.
  Path(const Path& before, const char* name) : before_(&before), name_(name) {}

  std::string Text() const {
    std::string text = before_ == nullptr ? std::string(name_) : Concat(before_->Text(), ".", name_);
    return index_ < 0 ? text : Concat(text, "[", index_, "]");
  }

 private:
  const Path* before_ = nullptr;
  const char* name_;
  int index_ = -1;
};

// Collects what is wrong.
class Checks {
 public:
  void Require(bool right, const Path& field, std::string_view must) {
    if (!right) violations_.push_back({field.Text(), std::string(must)});
  }
  void RequireUuid(const std::string& value, const Path& field) {
    Require(IsUuid(value), field, "must be a UUID in lower case");
  }
  void RequireText(const std::string& value, const Path& field, bool required = false) {
    if ((!required || !value.empty()) && value.size() <= kLongestText && IsStorableText(value)) return;
    Require(false, field, Concat("must be ", required ? "1 to " : "at most ", kLongestText, " characters without NUL"));
  }
  void RequireCount(int value, int largest, const Path& field) {
    if (value < 0 || value > largest) Require(false, field, Concat("must be from 0 to ", largest));
  }
  absl::Status Finish() const { return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_); }

 private:
  std::vector<FieldViolation> violations_;
};

void CheckSubject(const v1::SlotSubject& subject, const Path& path, Checks* checks) {
  checks->RequireUuid(subject.business_id(), Path(path, "business_id"));
  checks->RequireText(subject.provider_account_id(), Path(path, "provider_account_id"));
  checks->RequireText(subject.caller_number(), Path(path, "caller_number"));
  checks->RequireText(subject.campaign_id(), Path(path, "campaign_id"));
}

void CheckKind(v1::SlotKind kind, const Path& path, Checks* checks) {
  checks->Require(v1::SlotKind_IsValid(kind) && kind != v1::SLOT_KIND_INBOUND, path,
                  "must be ordinary or priority; inbound calls are counted when they are seen");
}

void CheckReference(const v1::SlotReference& reference, const Path& path, Checks* checks) {
  checks->RequireUuid(reference.business_id(), Path(path, "business_id"));
  switch (reference.id_case()) {
    case v1::SlotReference::kSlotId:
      checks->RequireUuid(reference.slot_id(), Path(path, "slot_id"));
      break;
    case v1::SlotReference::kRequestId:
      checks->RequireText(reference.request_id(), Path(path, "request_id"), /*required=*/true);
      break;
    case v1::SlotReference::kCallId:
      checks->RequireText(reference.call_id(), Path(path, "call_id"), /*required=*/true);
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
    CheckReference(request.slots(i), Path("slots", i), &checks);
  }
  return checks.Finish();
}

void CheckKey(const v1::LevelLimits& limits, const Path& path, Checks* checks) {
  checks->Require(v1::Level_IsValid(limits.level()) && limits.level() != v1::LEVEL_UNSPECIFIED, Path(path, "level"),
                  "must be a level");
  const bool global = limits.level() == v1::LEVEL_GLOBAL;
  checks->Require(limits.subject_id().empty() == global, Path(path, "subject_id"),
                  global ? "must be empty at the global level" : "must name whom the limits are for");
  checks->RequireText(limits.subject_id(), Path(path, "subject_id"));
}

void CheckLimits(const v1::LevelLimits& limits, const Path& path, Checks* checks) {
  CheckKey(limits, path, checks);
  checks->RequireCount(limits.max_concurrent_calls(), kMostCalls, Path(path, "max_concurrent_calls"));
  checks->RequireCount(limits.rates().per_second(), kMostCalls, Path(path, "rates.per_second"));
  checks->RequireCount(limits.rates().per_minute(), kMostCalls, Path(path, "rates.per_minute"));
  checks->RequireCount(limits.rates().per_hour(), kMostCalls, Path(path, "rates.per_hour"));
  const absl::Duration spacing = telephony::FromProto(limits.rates().spacing());
  checks->Require(spacing >= absl::ZeroDuration() && spacing <= kLongestSpacing, Path(path, "rates.spacing"),
                  "must be from 0 to one hour");
  checks->RequireCount(limits.kept_for_inbound(), kMostCalls, Path(path, "kept_for_inbound"));
  checks->RequireCount(limits.kept_for_priority(), kMostCalls, Path(path, "kept_for_priority"));
  checks->RequireCount(limits.guaranteed_calls(), kMostCalls, Path(path, "guaranteed_calls"));
  checks->RequireCount(limits.burst_calls(), kMostCalls, Path(path, "burst_calls"));
  checks->RequireCount(limits.weight(), 1'000, Path(path, "weight"));
  const bool of_business = limits.guaranteed_calls() > 0 || limits.burst_calls() > 0 || limits.weight() > 0;
  checks->Require(!of_business || limits.level() == v1::LEVEL_BUSINESS, path,
                  "only a business has guaranteed_calls, burst_calls and weight");
  checks->Require(limits.guaranteed_calls() <= limits.max_concurrent_calls(), Path(path, "guaranteed_calls"),
                  "must not be more than max_concurrent_calls");
}

}  // namespace

absl::Status Check(const v1::AcquireSlotsRequest& request) {
  Checks checks;
  checks.Require(request.slots_size() >= 1 && request.slots_size() <= kMostSlots, "slots",
                 Concat("must be 1 to ", kMostSlots));
  absl::flat_hash_set<std::pair<absl::string_view, absl::string_view>> seen;
  for (int i = 0; i < request.slots_size() && i < kMostSlots; ++i) {
    const v1::SlotRequest& slot = request.slots(i);
    const Path path("slots", i);
    checks.RequireText(slot.request_id(), Path(path, "request_id"), /*required=*/true);
    checks.Require(seen.insert({slot.subject().business_id(), slot.request_id()}).second, Path(path, "request_id"),
                   "must not come twice in a batch");
    CheckSubject(slot.subject(), Path(path, "subject"), &checks);
    CheckKind(slot.kind(), Path(path, "kind"), &checks);
    checks.RequireText(slot.call_id(), Path(path, "call_id"));
  }
  const absl::Duration wait = telephony::FromProto(request.wait());
  checks.Require(wait >= absl::ZeroDuration() && wait <= kLongestWait, "wait", "must be from 0 to 60 s");
  return checks.Finish();
}

absl::Status Check(const v1::BindSlotRequest& request) {
  Checks checks;
  CheckReference(request.slot(), "slot", &checks);
  checks.RequireText(request.call_id(), "call_id", /*required=*/true);
  checks.RequireText(request.provider_account_id(), "provider_account_id");
  checks.RequireText(request.caller_number(), "caller_number");
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
    CheckLimits(limits, Path("limits", i), &checks);
    checks.Require(seen.insert({limits.level(), limits.subject_id()}).second, Path("limits", i),
                   "must not name the same level twice");
  }
  for (int i = 0; i < request.cleared_size(); ++i) {
    const v1::LevelLimits& limits = request.cleared(i);
    CheckKey(limits, Path("cleared", i), &checks);
    checks.Require(seen.insert({limits.level(), limits.subject_id()}).second, Path("cleared", i),
                   "must not name the same level twice");
  }
  return checks.Finish();
}

absl::Status Check(const v1::ExplainRequest& request) {
  Checks checks;
  CheckSubject(request.subject(), "subject", &checks);
  CheckKind(request.kind(), "kind", &checks);
  return checks.Finish();
}

absl::Status Check(const v1::NoteRefusalRequest& request) {
  Checks checks;
  checks.RequireUuid(request.business_id(), "business_id");
  checks.RequireText(request.provider_account_id(), "provider_account_id", /*required=*/true);
  return checks.Finish();
}

}  // namespace trunkline::governor
