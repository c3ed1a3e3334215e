#include "services/call-tracking-sync/consistency/call_comparison.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/content_hash.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::Told;
using tracking::TrackedCall;

constexpr absl::Duration kTimeTolerance = absl::Seconds(2);
constexpr int64_t kSecondsTolerance = 2;
constexpr int64_t kAmountTolerance = 100;  // 0.01
constexpr absl::Duration kNewRecording = absl::Hours(1);
constexpr absl::Duration kLateRecording = absl::Hours(24);

bool IsOver(const TrackedCall& call) { return call.status.has_value() && telephony::IsEnded(*call.status); }

bool WasWithin(const Told<absl::Time>& time, absl::Duration age, absl::Time now) {
  return time.has_value() && now - *time < age;
}

// "sip:Agent@PBX.Example" and "sip:Agent@pbx.example" are one.
std::string SameNumber(const std::string& number) {
  const size_t at = number.find('@');
  return at == std::string::npos ? number : number.substr(0, at) + Lower(std::string_view(number).substr(at));
}

std::string SameSet(const std::string& value) {
  std::set<std::string> members;
  for (const std::string_view piece : Split(value, ',')) {
    if (!Trim(piece).empty()) members.emplace(Trim(piece));
  }
  std::string joined;
  for (const std::string& member : members) joined += member + ",";
  return joined;
}

std::string TextOf(bool value) { return value ? "true" : "false"; }
std::string TextOf(const Told<absl::Time>& time) {
  return time.has_value() ? tracking::FormatMilliseconds(*time) : std::string();
}
std::string TextOf(const Told<int64_t>& number) { return number.has_value() ? Concat(*number) : std::string(); }
std::string AmountText(const Told<int64_t>& amount) {
  return amount.has_value() ? tracking::FormatAmount(*amount) : std::string();
}
std::string SecondsText(absl::Duration tolerance) { return Concat(absl::ToInt64Seconds(tolerance)); }

// Compares one call, and gathers what differs.
class Comparer {
 public:
  explicit Comparer(std::vector<tracking::v1::FieldDifference>* differences) : differences_(differences) {}

  void Differ(std::string_view field, std::string platform, std::string ours, std::string tolerance = {}) {
    tracking::v1::FieldDifference& difference = differences_->emplace_back();
    difference.set_field(std::string(field));
    difference.set_platform(std::move(platform));
    difference.set_ours(std::move(ours));
    difference.set_tolerance(std::move(tolerance));
  }

  void Number(std::string_view field, const Told<std::string>& platform, const Told<std::string>& ours) {
    if (!platform.is_told) return;
    const std::string theirs = platform.value.value_or("");
    const std::string here = ours.value.value_or("");
    if (SameNumber(theirs) != SameNumber(here)) Differ(field, theirs, here);
  }

  void Id(std::string_view field, const Told<std::string>& platform, const Told<std::string>& ours, bool ignore_case) {
    if (!platform.is_told) return;
    const std::string theirs = platform.value.value_or("");
    const std::string here = ours.value.value_or("");
    if (ignore_case ? !EqualsIgnoreCase(theirs, here) : theirs != here) Differ(field, theirs, here);
  }

  void Time(std::string_view field, const Told<absl::Time>& platform, const Told<absl::Time>& ours,
            absl::Duration tolerance) {
    if (!platform.is_told || (!platform.has_value() && !ours.has_value())) return;
    if (platform.has_value() && ours.has_value() && absl::AbsDuration(*platform - *ours) <= tolerance) return;
    Differ(field, TextOf(platform), TextOf(ours), SecondsText(tolerance));
  }

  // A length that the platform leaves blank is worked out here.
  void Length(std::string_view field, const Told<int64_t>& platform, const Told<int64_t>& ours) {
    if (!platform.has_value()) return;
    if (ours.has_value() && std::llabs(*platform - *ours) <= kSecondsTolerance) return;
    Differ(field, TextOf(platform), TextOf(ours), Concat(kSecondsTolerance));
  }

  void Amount(std::string_view field, const Told<int64_t>& platform, const Told<int64_t>& ours) {
    if (!platform.is_told) return;
    if (std::llabs(platform.value.value_or(0) - ours.value.value_or(0)) <= kAmountTolerance) return;
    Differ(field, AmountText(platform), AmountText(ours), tracking::FormatAmount(kAmountTolerance));
  }

  // Ours may have more: tags that notifications told.
  void Tags(const Told<tracking::Tags>& platform, const Told<tracking::Tags>& ours, bool are_sets) {
    if (!platform.has_value()) return;
    static const tracking::Tags none;
    const tracking::Tags& here = ours.has_value() ? *ours : none;
    for (const auto& [name, value] : *platform) {
      const auto found = here.find(name);
      if (found != here.end() && (found->second == value || (are_sets && SameSet(found->second) == SameSet(value)))) {
        continue;
      }
      Differ(Concat("tags.", name), value, found == here.end() ? std::string() : found->second);
    }
  }

  void Recording(const TrackedCall& platform, const TrackedCall& ours, absl::Time now) {
    if (!platform.recording_url.is_told || WasWithin(platform.ended_at, kNewRecording, now)) return;
    const bool theirs = platform.recording_url.has_value();
    const bool here = ours.recording_url.has_value();
    if (theirs == here || (!theirs && WasWithin(platform.ended_at, kLateRecording, now))) return;
    Differ("recording", TextOf(theirs), TextOf(here));
  }

  void Money(const TrackedCall& platform, const TrackedCall& ours) {
    Amount("revenue", platform.revenue, ours.revenue);
    Amount("payout", platform.payout, ours.payout);
    Amount("cost", platform.cost, ours.cost);
    if (platform.converted.has_value() && *platform.converted != ours.converted.value.value_or(false)) {
      Differ("converted", TextOf(*platform.converted), TextOf(ours.converted.value.value_or(false)));
    }
    // A call without any amount has no currency.
    if (!platform.currency.empty() && !ours.currency.empty() && platform.currency != ours.currency) {
      Differ("currency", platform.currency, ours.currency);
    }
  }

  void Status(const TrackedCall& platform, const TrackedCall& ours) {
    if (platform.status.has_value() && platform.status != ours.status) {
      Differ("status", telephony::NameOf(*platform.status),
             ours.status.has_value() ? telephony::NameOf(*ours.status) : std::string());
    }
  }

  void Version(const TrackedCall& platform, const TrackedCall& ours) {
    if (platform.deleted_at.is_told && platform.deleted_at.has_value() != ours.deleted_at.has_value()) {
      Differ("deleted_at", TextOf(platform.deleted_at), TextOf(ours.deleted_at));
    }
    if (!platform.updated_at.has_value()) return;
    if (ours.updated_at.has_value() && *ours.updated_at >= *platform.updated_at) return;
    Differ("version", TextOf(platform.updated_at), TextOf(ours.updated_at));
  }

 private:
  std::vector<tracking::v1::FieldDifference>* differences_;
};

}  // namespace

Comparison CompareCalls(const TrackedCall& platform, const TrackedCall& ours, const ComparisonOptions& options,
                        absl::Time now) {
  Comparison comparison;
  comparison.is_too_early = !IsOver(platform) || WasWithin(platform.ended_at, options.grace, now) ||
                            WasWithin(platform.updated_at, options.grace, now);
  if (comparison.is_too_early) return comparison;

  const tracking::ComparisonRules& rules = options.rules;
  Comparer comparer(&comparison.differences);
  comparer.Status(platform, ours);
  comparer.Number("caller_number", platform.caller, ours.caller);
  comparer.Number("tracking_number", platform.tracking_number, ours.tracking_number);
  comparer.Number("destination_number", platform.destination, ours.destination);
  // A beginning that was known once stays.
  if (platform.started_at.has_value())
    comparer.Time("started_at", platform.started_at, ours.started_at, kTimeTolerance);
  comparer.Time("answered_at", platform.answered_at, ours.answered_at, rules.answered_at);
  comparer.Time("ended_at", platform.ended_at, ours.ended_at, kTimeTolerance);
  comparer.Length("duration_seconds", platform.duration_seconds, ours.duration_seconds);
  comparer.Length("talk_seconds", platform.talk_seconds, ours.talk_seconds);
  comparer.Id("campaign_id", platform.campaign_id, ours.campaign_id, rules.ids_ignore_case);
  comparer.Id("publisher_id", platform.publisher_id, ours.publisher_id, rules.ids_ignore_case);
  comparer.Id("buyer_id", platform.buyer_id, ours.buyer_id, rules.ids_ignore_case);
  if (!WasWithin(platform.ended_at, options.money_grace, now)) comparer.Money(platform, ours);
  comparer.Recording(platform, ours, now);
  comparer.Tags(platform.tags, ours.tags, rules.tags_are_sets);
  comparer.Version(platform, ours);
  return comparison;
}

std::vector<std::string> ContradictionsOf(const TrackedCall& call) {
  std::vector<std::string> contradictions;
  const auto in_order = [&](std::string_view first, const Told<absl::Time>& earlier, std::string_view second,
                            const Told<absl::Time>& later) {
    if (earlier.has_value() && later.has_value() && *later < *earlier) {
      contradictions.push_back(Concat(second, " is ", TextOf(later), ", and ", first, " is ", TextOf(earlier)));
    }
  };
  in_order("started_at", call.started_at, "answered_at", call.answered_at);
  in_order("started_at", call.started_at, "ended_at", call.ended_at);
  in_order("answered_at", call.answered_at, "ended_at", call.ended_at);
  if (IsOver(call) && call.ended_at.is_told && !call.ended_at.has_value()) {
    contradictions.push_back(Concat("status is ", telephony::NameOf(*call.status), ", and ended_at is not there"));
  }
  if (call.status == calls::v1::CALL_STATUS_COMPLETED && call.answered_at.is_told && !call.answered_at.has_value()) {
    contradictions.emplace_back("status is completed, and answered_at is not there");
  }
  if (call.duration_seconds.has_value() && call.talk_seconds.has_value() &&
      *call.duration_seconds < *call.talk_seconds) {
    contradictions.push_back(
        Concat("talk_seconds is ", *call.talk_seconds, ", and duration_seconds is ", *call.duration_seconds));
  }
  return contradictions;
}

}  // namespace trunkline::tracking_sync
