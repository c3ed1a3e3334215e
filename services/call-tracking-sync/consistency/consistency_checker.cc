#include "services/call-tracking-sync/consistency/consistency_checker.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/tracking_error.h"
#include "services/call-tracking-sync/consistency/check_schedule.h"
#include "services/call-tracking-sync/consistency/judgement_rows.h"
#include "services/call-tracking-sync/work/call_fetching.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Result;
using postgres::Transaction;
using tracking::CallPage;
using tracking::CallQuery;
using tracking::PlatformCall;
using tracking::v1::Check;

constexpr char kUnlisted[] = "unlisted";  // the position of the search for extras: the call that was looked at last
constexpr int kUnlistedAtOnce = 50;
constexpr char kMapped[] = "mapped";  // the position among the calls that were mapped beside the calls
constexpr int kMappedAtOnce = 500;
constexpr int kMostUnmapped = 10'000;  // of a window that are named
constexpr absl::Duration kReportedRange = absl::Hours(72);

// What is to be brought in, before it is told that it was.
absl::Status Repair(const AccountAtWork& work, const std::vector<PlatformCall>& calls, const Judgement& judgement) {
  if (judgement.to_repair.empty()) return absl::OkStatus();
  std::vector<PlatformCall> records;
  records.reserve(judgement.to_repair.size());
  for (const size_t at : judgement.to_repair) records.push_back(calls[at]);
  return work.send_records(records, webhooks::v1::RECORD_REASON_RECOVERY);
}

bool IsOfWindow(const CheckRow& row, const tracking::TrackedCall& call) {
  return !call.started_at.has_value() || (*call.started_at >= row.window_from && *call.started_at < row.window_to);
}

// Large pages, where what differs on one can be asked for at once; otherwise each difference costs a request, and a
// page must not need more of them than there is patience for. 0: the account's own size.
int PageSizeFor(const tracking::TrackingPlatform& platform) {
  const tracking::SyncDefaults defaults = platform.Defaults();
  return defaults.fetch_batch > 1 ? defaults.sync.largest_batch : 0;
}

// A page may list a call twice, and so may two pages that overlap; each is judged once.
void DropJudged(const std::set<std::string>& judged, const CheckedAccount& checked, std::vector<PlatformCall>* calls) {
  std::set<std::string> seen = judged;
  std::erase_if(*calls,
                [&](const PlatformCall& call) { return !seen.insert(checked.CallIdOf(call.call.external_id)).second; });
}

std::vector<std::string> IdsOf(const CheckedAccount& checked, const std::vector<PlatformCall>& calls) {
  std::vector<std::string> ids;
  ids.reserve(calls.size());
  for (const PlatformCall& call : calls) ids.push_back(checked.CallIdOf(call.call.external_id));
  return ids;
}

}  // namespace

absl::StatusOr<bool> ConsistencyChecker::WorkOn(const AccountAtWork& work) {
  TL_ASSIGN_OR_RETURN(std::optional<CheckRow> row, Next(work));
  if (!row.has_value()) return false;
  absl::Status done;
  if (row->check.subject() == tracking::v1::CHECK_SUBJECT_SHADOW) {
    done = CompareShadow(work, *std::move(row));
  } else if (row->is_at_extras) {
    done = CompareUnlisted(work, *std::move(row));
  } else {
    done = ComparePage(work, *std::move(row));
  }
  if (!done.ok()) return done;
  return true;
}

absl::StatusOr<std::optional<CheckRow>> ConsistencyChecker::Next(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::optional<CheckRow>> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT ", CheckColumns(),
                          " FROM consistency_checks WHERE provider_account_id = $1 AND state IN (1, 2) ",
                          "AND due_at <= $2::timestamptz ORDER BY created_at LIMIT 1"),
                   {work.account.id, now}));
    if (rows.empty()) return std::nullopt;
    CheckRow row = CheckOfRow(rows, 0);
    row.check.set_state(tracking::v1::CHECK_STATE_RUNNING);
    return row;
  });
}

absl::Status ConsistencyChecker::ComparePage(const AccountAtWork& work, CheckRow row) {
  const CheckedAccount checked = CheckedAccountOf(work.account, work.platform, options_.grace);
  const CallQuery query = {.from = row.window_from, .to = row.window_to, .size = PageSizeFor(work.platform)};
  absl::StatusOr<CallPage> page = work.platform.Client().ListCalls(work.account, query, row.position);
  if (!page.ok()) return GiveWay(work, std::move(row), page.status());
  if (!row.position.has_value() && page->total.value_or(0) > options_.most_in_window &&
      row.window_to - row.window_from > options_.smallest_window) {
    return GiveWay(
        work, std::move(row),
        tracking::StatusOf(tracking::MakeError(work.platform.Name(), tracking::v1::TRACKING_ERROR_CODE_PARTIAL_RESULT,
                                               "more calls in the window than can be paged through")));
  }
  std::vector<PlatformCall>& calls = page->items;
  const std::vector<std::string> listed = IdsOf(checked, calls);
  // Pages reach a little over their window; what began outside belongs to a neighbour.
  std::erase_if(calls, [&](const PlatformCall& call) { return !IsOfWindow(row, call.call); });
  TL_ASSIGN_OR_RETURN(const auto before, pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<CallRecords> {
    TL_ASSIGN_OR_RETURN(const std::set<std::string> judged, ReadListed(tx, row, listed));
    DropJudged(judged, checked, &calls);
    return ReadCalls(tx, IdsOf(checked, calls));
  }));

  // The list may be older than what is here.
  const std::vector<size_t> different = FindDifferent(checked, calls, before);
  std::vector<std::string> external_ids;
  external_ids.reserve(different.size());
  for (const size_t at : different) external_ids.push_back(calls[at].call.external_id);
  absl::StatusOr<FetchedCalls> again = FetchCallsById(work.platform, work.account, external_ids);
  if (!again.ok()) return GiveWay(work, std::move(row), again.status());
  for (PlatformCall& call : again->calls) {
    const auto at = std::find_if(calls.begin(), calls.end(), [&](const PlatformCall& other) {
      return other.call.external_id == call.call.external_id;
    });
    if (at == calls.end()) continue;
    // A list may tell what a single reading does not, such as when the call is deleted; what both tell is the latter's.
    *at = std::move(call);
  }

  const bool was_last = !page->next.has_value();
  row.position = page->next;
  row.is_at_extras = was_last;
  row.tries = 0;
  row.check.clear_error();
  if (was_last && page->total.has_value()) {
    tracking::v1::CheckTotal* total = TotalOf(&row.check, "calls");
    total->set_reported(Concat(ParseInt(total->reported()).value_or(0) + *page->total));
  }
  TL_ASSIGN_OR_RETURN(const CallRecords here, ReadHere(IdsOf(checked, calls)));
  Judgement judgement = JudgeCalls(checked, calls, here, &row);
  for (const tracking::BadCall& bad : page->bad) judgement.findings.push_back(JudgeUnreadable(bad, &row));
  TL_RETURN_IF_ERROR(Repair(work, calls, judgement));
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    TL_RETURN_IF_ERROR(PutListed(tx, row, work.account.business_id, listed));
    TL_RETURN_IF_ERROR(PutJudgement(tx, work.account.business_id, row, judgement));
    const absl::Time now = InMicros(clock_.Now());
    return UpdateCheck(tx, row, now, now);
  });
}

absl::StatusOr<CallRecords> ConsistencyChecker::ReadHere(const std::vector<std::string>& call_ids) {
  return pool_.InTransaction([&](Transaction& tx) { return ReadCalls(tx, call_ids); });
}

absl::Status ConsistencyChecker::CompareUnlisted(const AccountAtWork& work, CheckRow row) {
  const CheckedAccount checked = CheckedAccountOf(work.account, work.platform, options_.grace);
  const std::string after = row.position.has_value() ? row.position->value : std::string();
  TL_ASSIGN_OR_RETURN(const CallRecords unlisted, pool_.InTransaction([&](Transaction& tx) {
    return ReadUnlisted(tx, row, work.account.business_id, after, kUnlistedAtOnce);
  }));
  std::vector<std::string> external_ids;
  for (const auto& [call_id, record] : unlisted) {
    // What the platform deleted is not in its lists; we know.
    if (!record.details().has_record_deleted_at()) external_ids.push_back(record.details().external_call_id());
  }
  absl::StatusOr<FetchedCalls> asked = FetchCallsById(work.platform, work.account, external_ids);
  if (!asked.ok()) return GiveWay(work, std::move(row), asked.status());
  const std::vector<PlatformCall>& fetched = asked->calls;

  row.tries = 0;
  row.check.clear_error();
  const bool was_last = static_cast<int>(unlisted.size()) < kUnlistedAtOnce;
  row.position =
      was_last ? std::nullopt : std::optional(tracking::Position{.kind = kUnlisted, .value = unlisted.rbegin()->first});
  const absl::Time range_end = telephony::FromProto(row.check.range_end());
  TL_ASSIGN_OR_RETURN(const CallRecords here, ReadHere(IdsOf(checked, fetched)));
  Judgement judgement = JudgeCalls(checked, fetched, here, &row);
  std::set<std::string> known;
  for (const std::string& id : IdsOf(checked, fetched)) known.insert(id);
  for (const auto& [call_id, record] : unlisted) {
    if (known.contains(call_id) || record.details().has_record_deleted_at()) continue;
    judgement.findings.push_back(JudgeExtra(record, &row));
  }
  TL_RETURN_IF_ERROR(Repair(work, fetched, judgement));
  absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    TL_RETURN_IF_ERROR(PutJudgement(tx, work.account.business_id, row, judgement));
    if (was_last) {
      TL_RETURN_IF_ERROR(ForgetListed(tx, row));
      row.is_at_extras = false;
      row.window_from = row.window_to;
      row.window_to = std::min(range_end, row.window_from + options_.largest_window);
    }
    const absl::Time now = InMicros(clock_.Now());
    return UpdateCheck(tx, row, now, now);
  });
  if (!committed.ok()) return committed;
  // A crash in between finds an empty window, which has nothing in it, and ends here too.
  return was_last && row.window_from >= range_end ? Finish(work, std::move(row)) : absl::OkStatus();
}

absl::Status ConsistencyChecker::CompareShadow(const AccountAtWork& work, CheckRow row) {
  const CheckedAccount checked = CheckedAccountOf(work.account, work.platform, options_.grace);
  const absl::Time now = InMicros(clock_.Now());
  const absl::Time range_end = telephony::FromProto(row.check.range_end());
  const std::string after = row.position.has_value() ? row.position->value : std::string();
  absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    TL_ASSIGN_OR_RETURN(const CallRecords mapped, ReadMapped(tx, row, after, kMappedAtOnce));
    std::vector<PlatformCall> calls;
    calls.reserve(mapped.size());
    for (const auto& [call_id, record] : mapped) {
      calls.push_back({.body = "{}", .call = TrackedCallOf(record), .requested_at = now});
    }
    const std::vector<std::string> ids = IdsOf(checked, calls);
    TL_ASSIGN_OR_RETURN(const CallRecords here, ReadCalls(tx, ids));
    Judgement judgement = JudgeCalls(checked, calls, here, &row);
    TL_RETURN_IF_ERROR(PutListed(tx, row, work.account.business_id, ids));
    const bool was_last = static_cast<int>(mapped.size()) < kMappedAtOnce;
    row.position =
        was_last ? std::nullopt : std::optional(tracking::Position{.kind = kMapped, .value = mapped.rbegin()->first});
    if (was_last) {
      TL_ASSIGN_OR_RETURN(const CallRecords unmapped,
                          ReadUnlisted(tx, row, work.account.business_id, "", kMostUnmapped));
      for (const auto& [call_id, record] : unmapped) judgement.findings.push_back(JudgeExtra(record, &row));
      TL_RETURN_IF_ERROR(ForgetListed(tx, row));
      row.window_from = row.window_to;
      row.window_to = std::min(range_end, row.window_from + options_.largest_window);
    }
    TL_RETURN_IF_ERROR(PutJudgement(tx, work.account.business_id, row, judgement));
    return UpdateCheck(tx, row, now, now);
  });
  if (!committed.ok()) return committed;
  return row.window_from >= range_end ? Finish(work, std::move(row)) : absl::OkStatus();
}

absl::Status ConsistencyChecker::Finish(const AccountAtWork& work, CheckRow row) {
  Check& check = row.check;
  const absl::Time from = telephony::FromProto(check.range_start());
  const absl::Time to = telephony::FromProto(check.range_end());
  const std::set<tracking::v1::Feature> features = work.platform.Features(work.account);
  if (check.subject() == tracking::v1::CHECK_SUBJECT_PLATFORM &&
      !features.contains(tracking::v1::FEATURE_TOTAL_COUNT) && features.contains(tracking::v1::FEATURE_CALL_REPORT) &&
      to - from >= kReportedRange) {
    const absl::StatusOr<tracking::Answer<tracking::CallReport>> report =
        work.platform.Client().FetchReport(work.account, from, to);
    if (report.ok()) {
      TotalOf(&check, "calls")->set_reported(Concat(report->value.calls));
      TotalOf(&check, "revenue")->set_reported(tracking::FormatAmount(report->value.revenue));
      TotalOf(&check, "cost")->set_reported(tracking::FormatAmount(report->value.cost));
      if (report->value.payout.has_value()) {
        TotalOf(&check, "payout")->set_reported(tracking::FormatAmount(*report->value.payout));
      }
    } else {
      LogWarning("a check goes without the platform's report",
                 {{"account", work.account.id}, {"error", report.status()}});
    }
  }
  CloseTotals(&check);
  check.set_state(tracking::v1::CHECK_STATE_FINISHED);
  return Commit(work, row, InMicros(clock_.Now()));
}

absl::Status ConsistencyChecker::GiveWay(const AccountAtWork& work, CheckRow row, const absl::Status& failure) {
  const absl::Time now = InMicros(clock_.Now());
  const std::optional<tracking::v1::TrackingError> error = tracking::TrackingErrorOf(failure);
  row.check.set_error(std::string(failure.message()));
  // Nothing was asked: the budget has no room, or the account rests.
  if (!error.has_value()) return Commit(work, row, now + RetryAfterOf(failure).value_or(options_.held_back));

  ++row.tries;
  switch (error->code()) {
    case tracking::v1::TRACKING_ERROR_CODE_PARTIAL_RESULT: {
      const absl::Duration half = (row.window_to - row.window_from) / 2;
      if (half < options_.smallest_window) break;
      row.window_to = InMicros(row.window_from + half);
      row.position.reset();
      row.tries = 0;
      return Commit(work, row, now);
    }
    case tracking::v1::TRACKING_ERROR_CODE_CURSOR_REJECTED:
    case tracking::v1::TRACKING_ERROR_CODE_CURSOR_LOOP:
      row.position.reset();
      if (row.tries < options_.most_tries) return Commit(work, row, now);
      break;
    default:
      break;
  }
  const tracking::RetryPolicy policy = work.platform.Defaults().retry;
  const std::optional<absl::Duration> wait =
      tracking::RetryDelay(*error, std::min(row.tries, policy.attempts - 1), now, /*chance=*/0.5, policy);
  if (wait.has_value() && row.tries < options_.most_tries) return Commit(work, row, now + *wait);
  row.check.set_state(tracking::v1::CHECK_STATE_FAILED);
  return Commit(work, row, now);
}

absl::Status ConsistencyChecker::Commit(const AccountAtWork& work, const CheckRow& row, absl::Time due_at) {
  absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    if (row.check.state() != tracking::v1::CHECK_STATE_RUNNING) TL_RETURN_IF_ERROR(ForgetListed(tx, row));
    return UpdateCheck(tx, row, due_at, InMicros(clock_.Now()));
  });
  if (!committed.ok()) return committed;
  if (row.check.state() != tracking::v1::CHECK_STATE_RUNNING) on_end_(row.check);
  return absl::OkStatus();
}

absl::Status ConsistencyChecker::Schedule(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InTransaction([&](Transaction& tx) { return ScheduleChecks(tx, work, options_.grace, now); });
}

}  // namespace trunkline::tracking_sync
