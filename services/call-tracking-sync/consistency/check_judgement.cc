#include "services/call-tracking-sync/consistency/check_judgement.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/amount.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::PlatformCall;
using tracking::Told;
using tracking::TrackedCall;
using tracking::v1::Check;
using tracking::v1::CheckTotal;
using tracking::v1::Finding;
using tracking::v1::FindingKind;

constexpr int64_t kHundredth = 100;

struct AmountField {
  const char* name;
  Told<int64_t> TrackedCall::*amount;
};
constexpr AmountField kAmounts[] = {
    {"revenue", &TrackedCall::revenue}, {"payout", &TrackedCall::payout}, {"cost", &TrackedCall::cost}};

std::string Plus(const std::string& sum, int64_t amount) {
  return tracking::FormatAmount(tracking::ParseAmount(sum).value_or(0) + amount);
}
std::string PlusOne(const std::string& count) { return Concat(ParseInt(count).value_or(0) + 1); }

void AddListed(const TrackedCall& call, Check* check) {
  CheckTotal* calls = TotalOf(check, "calls");
  calls->set_listed(PlusOne(calls->listed()));
  for (const AmountField& field : kAmounts) {
    CheckTotal* total = TotalOf(check, field.name);
    total->set_listed(Plus(total->listed(), (call.*field.amount).value.value_or(0)));
  }
}

void AddOurs(const TrackedCall& call, Check* check) {
  CheckTotal* calls = TotalOf(check, "calls");
  calls->set_ours(PlusOne(calls->ours()));
  for (const AmountField& field : kAmounts) {
    CheckTotal* total = TotalOf(check, field.name);
    total->set_ours(Plus(total->ours(), (call.*field.amount).value.value_or(0)));
  }
}

bool BeganIn(const CheckRow& row, const TrackedCall& call) {
  return call.started_at.has_value() && *call.started_at >= row.window_from && *call.started_at < row.window_to;
}

Finding Make(FindingKind kind, const std::string& external_id, const std::string& call_id, const TrackedCall& call) {
  Finding finding;
  finding.set_kind(kind);
  finding.set_external_call_id(external_id);
  finding.set_call_id(call_id);
  if (call.started_at.has_value()) *finding.mutable_started_at() = telephony::ToProto(*call.started_at);
  return finding;
}

bool EndedAMomentAgo(const PlatformCall& call, absl::Duration grace) {
  return call.call.ended_at.has_value() && call.requested_at - *call.call.ended_at < grace;
}

}  // namespace

std::string CheckedAccount::CallIdOf(std::string_view external_id) const {
  return telephony::CallIdOf(account.id, external_id);
}

CheckedAccount CheckedAccountOf(const tracking::Account& account, const tracking::TrackingPlatform& platform,
                                absl::Duration grace) {
  const tracking::SyncDefaults defaults = platform.Defaults();
  return {.account = account,
          .platform = platform,
          .options = {.rules = defaults.comparison,
                      .grace = grace,
                      .money_grace = tracking::SyncSettingsOf(account, defaults.sync).money_grace}};
}

std::vector<size_t> FindDifferent(const CheckedAccount& checked, const std::vector<PlatformCall>& calls,
                                  const CallRecords& here) {
  std::vector<size_t> different;
  for (size_t i = 0; i < calls.size(); ++i) {
    const auto found = here.find(checked.CallIdOf(calls[i].call.external_id));
    if (found == here.end()) continue;
    const Comparison comparison =
        CompareCalls(calls[i].call, TrackedCallOf(found->second), checked.options, calls[i].requested_at);
    if (!comparison.differences.empty()) different.push_back(i);
  }
  return different;
}

Judgement JudgeCalls(const CheckedAccount& checked, const std::vector<PlatformCall>& calls, const CallRecords& here,
                     CheckRow* row) {
  Judgement judgement;
  Check& check = row->check;
  const bool repairs_missing = check.repair() != tracking::v1::REPAIR_POLICY_NONE;
  const bool repairs_different = check.repair() == tracking::v1::REPAIR_POLICY_ALL;
  for (size_t i = 0; i < calls.size(); ++i) {
    const TrackedCall& platform = calls[i].call;
    const std::string call_id = checked.CallIdOf(platform.external_id);
    const auto found = here.find(call_id);
    check.set_checked(check.checked() + 1);
    if (BeganIn(*row, platform)) AddListed(platform, &check);

    std::vector<std::string> contradictions = checked.platform.Contradictions(calls[i].body);
    for (std::string& text : ContradictionsOf(platform)) contradictions.push_back(std::move(text));
    if (!contradictions.empty()) {
      Finding& finding = judgement.findings.emplace_back(
          Make(tracking::v1::FINDING_KIND_CONTRADICTION, platform.external_id, call_id, platform));
      for (std::string& text : contradictions) finding.add_remarks(std::move(text));
      check.set_contradictions(check.contradictions() + 1);
    }

    if (found == here.end()) {
      if (EndedAMomentAgo(calls[i], checked.options.grace)) {
        check.set_skipped(check.skipped() + 1);
        continue;
      }
      Finding& finding = judgement.findings.emplace_back(
          Make(tracking::v1::FINDING_KIND_MISSING, platform.external_id, call_id, platform));
      check.set_missing(check.missing() + 1);
      if (!repairs_missing) continue;
      finding.set_repaired(true);
      check.set_repaired(check.repaired() + 1);
      judgement.to_repair.push_back(i);
      continue;
    }

    const TrackedCall ours = TrackedCallOf(found->second);
    if (BeganIn(*row, platform)) AddOurs(ours, &check);
    Comparison comparison = CompareCalls(platform, ours, checked.options, calls[i].requested_at);
    if (comparison.is_too_early) check.set_skipped(check.skipped() + 1);
    if (comparison.differences.empty()) continue;
    Finding& finding = judgement.findings.emplace_back(
        Make(tracking::v1::FINDING_KIND_DIFFERENT, platform.external_id, call_id, platform));
    for (tracking::v1::FieldDifference& difference : comparison.differences) {
      // Tags are counted together: their names are the business's own.
      const std::string field = difference.field().substr(0, difference.field().find('.'));
      ++(*check.mutable_fields())[field];
      *finding.add_differences() = std::move(difference);
    }
    check.set_different(check.different() + 1);
    if (!repairs_different) continue;
    finding.set_repaired(true);
    check.set_repaired(check.repaired() + 1);
    judgement.to_repair.push_back(i);
  }
  return judgement;
}

Finding JudgeExtra(const calls::v1::CallRecord& record, CheckRow* row) {
  const TrackedCall ours = TrackedCallOf(record);
  row->check.set_checked(row->check.checked() + 1);
  row->check.set_extra(row->check.extra() + 1);
  AddOurs(ours, &row->check);
  return Make(tracking::v1::FINDING_KIND_EXTRA, ours.external_id, record.call_id(), ours);
}

Finding JudgeUnreadable(const tracking::BadCall& bad, CheckRow* row) {
  row->check.set_unreadable(row->check.unreadable() + 1);
  Finding finding = Make(tracking::v1::FINDING_KIND_UNREADABLE,
                         bad.external_id.empty() ? Concat("#", row->check.unreadable()) : bad.external_id, "", {});
  finding.add_remarks(bad.error);
  return finding;
}

CheckTotal* TotalOf(Check* check, std::string_view name) {
  for (CheckTotal& total : *check->mutable_totals()) {
    if (total.name() == name) return &total;
  }
  CheckTotal* total = check->add_totals();
  total->set_name(std::string(name));
  const std::string zero = name == "calls" ? "0" : tracking::FormatAmount(0);
  total->set_listed(zero);
  total->set_ours(zero);
  return total;
}

void CloseTotals(Check* check) {
  TotalOf(check, "calls");
  for (const AmountField& field : kAmounts) TotalOf(check, field.name);
  const int64_t calls = ParseInt(TotalOf(check, "calls")->listed()).value_or(0);
  for (CheckTotal& total : *check->mutable_totals()) {
    // Counts read as amounts too.
    const int64_t listed = tracking::ParseAmount(total.listed()).value_or(0);
    const int64_t ours = tracking::ParseAmount(total.ours()).value_or(0);
    const int64_t tolerance = total.name() == "calls" ? 0 : kHundredth * calls;
    const int64_t reported = tracking::ParseAmount(total.reported()).value_or(listed);
    total.set_agrees(std::llabs(listed - ours) <= tolerance &&
                     std::llabs(reported - listed) <= std::llabs(listed) / 100 + tolerance);
  }
}

}  // namespace trunkline::tracking_sync
