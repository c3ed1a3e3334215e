#include "services/call-tracking-sync/runs/fetch_runner.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking_sync {
namespace {

namespace v1 = tracking::v1;

constexpr absl::Duration kLookForFetches = absl::Milliseconds(300);
constexpr absl::Duration kFetchTurn = absl::Seconds(5);
constexpr absl::Duration kFetchRest = absl::Minutes(1);
constexpr int kMostAtOnce = 50;
// A webhook may come before the API knows the call. After these a later pass finds it.
constexpr std::array kUnknownDelays = {absl::Seconds(2), absl::Seconds(10), absl::Seconds(60)};

std::vector<std::string> IdsOf(const std::vector<DueFetch>& fetches) {
  std::vector<std::string> ids;
  ids.reserve(fetches.size());
  for (const DueFetch& fetch : fetches) ids.push_back(fetch.external_id);
  return ids;
}

Priority PriorityOf(FetchReason reason) {
  switch (reason) {
    case FetchReason::kWebhook:
      return Priority::kWebhookFetch;
    case FetchReason::kWhole:
      return Priority::kIncremental;
    case FetchReason::kLost:
      return Priority::kRescan;
    case FetchReason::kWholeLater:
      break;
  }
  return Priority::kBackfill;
}

DoneFetch DoneWith(const DueFetch& fetch) {
  return {.external_id = fetch.external_id, .notified_at = fetch.notified_at, .notifications = fetch.notifications};
}

}  // namespace

FetchRunner::FetchRunner(const AccountParts& parts, Ownership owner, CommitRecords commit)
    : parts_(parts), owner_(std::move(owner)), commit_(std::move(commit)) {}

std::vector<FetchReason> FetchRunner::ReasonsWithRoom(absl::Time now) const {
  std::vector<FetchReason> reasons;
  for (const FetchReason reason :
       {FetchReason::kWebhook, FetchReason::kWhole, FetchReason::kLost, FetchReason::kWholeLater}) {
    const absl::Time earliest =
        parts_.budget.EarliestAt(owner_.account_id, tracking::Resource::kCallDetail, PriorityOf(reason));
    // What a webhook tells must not wait behind another reading's turn.
    const absl::Duration patience = reason == FetchReason::kWebhook ? kFetchTurn : kLookForFetches;
    if (earliest <= now + patience) reasons.push_back(reason);
  }
  return reasons;
}

absl::StatusOr<StepResult> FetchRunner::Step() {
  const absl::Time now = parts_.clock.Now();
  const TrackedAccountPtr account = parts_.accounts.Find(owner_.account_id);
  if (account == nullptr) return StepResult{.over = true};
  const std::vector<FetchReason> reasons = ReasonsWithRoom(now);
  if (reasons.empty()) return StepResult{.wake_at = now + kLookForFetches};
  const int batch = std::min(FetchBatchOf(*account->platform), kMostAtOnce);
  TL_ASSIGN_OR_RETURN(const FetchStore::Due due,
                      parts_.fetches.ReadDue(owner_.account_id, reasons, batch > 1 ? batch : kMostAtOnce));
  if (due.fetches.empty()) return StepResult{.wake_at = std::min(due.next, now + kLookForFetches)};
  if (batch > 1) return Fetch(*account, due.reason, due.fetches);
  for (const DueFetch& fetch : due.fetches) {
    TL_ASSIGN_OR_RETURN(const StepResult result, Fetch(*account, due.reason, {fetch}));
    if (result.over || result.wake_at > now) return result;
    // What a webhook tells meanwhile goes before the others.
    if (due.reason != FetchReason::kWebhook) break;
  }
  return StepResult{};
}

absl::StatusOr<StepResult> FetchRunner::Fetch(const TrackedAccount& account, FetchReason reason,
                                              const std::vector<DueFetch>& due) {
  const absl::Time asked_at = parts_.clock.Now();
  const Asking asking(PriorityOf(reason), kFetchTurn);
  absl::StatusOr<FetchedCalls> fetched = FetchCallsById(*account.platform, account.account, IdsOf(due));
  if (!fetched.ok()) return DealWith(account, due, fetched.status());
  RecordBatch batch{.pass = "by_id",
                    .reason = reason == FetchReason::kWebhook ? webhooks::v1::RECORD_REASON_WEBHOOK
                                                              : webhooks::v1::RECORD_REASON_SYNC,
                    .calls = std::move(fetched->calls)};
  batch.asked_at = asked_at;
  if (reason == FetchReason::kLost) batch.gone = fetched->unknown;
  const std::set<std::string_view> not_known(fetched->unknown.begin(), fetched->unknown.end());
  std::vector<DueFetch> unknown;
  for (const DueFetch& fetch : due) {
    if (reason == FetchReason::kWebhook && not_known.contains(fetch.external_id)) {
      unknown.push_back(fetch);
    } else {
      batch.fetches.push_back(DoneWith(fetch));
    }
  }
  TL_ASSIGN_OR_RETURN(const StepResult result, Commit(account, batch));
  if (!result.over) TL_RETURN_IF_ERROR(AskAgain(account, unknown));
  return result;
}

absl::StatusOr<StepResult> FetchRunner::Commit(const TrackedAccount& account, const RecordBatch& batch) {
  TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(account.account, batch));
  if (outcome.fenced) return StepResult{.over = true};
  const std::string_view platform = account.platform->Name();
  for (size_t i = 0; i < batch.fetches.size(); ++i) parts_.metrics.CountFetch(platform, "done");
  CountRecords(outcome, platform, 0, parts_.metrics);
  return StepResult{};
}

absl::Status FetchRunner::AskAgain(const TrackedAccount& account, const std::vector<DueFetch>& unknown) {
  for (const DueFetch& fetch : unknown) {
    if (static_cast<size_t>(fetch.attempts) < kUnknownDelays.size()) {
      TL_RETURN_IF_ERROR(parts_.fetches.Delay(owner_, {fetch.external_id},
                                              kUnknownDelays[static_cast<size_t>(fetch.attempts)], "not known yet"));
      continue;
    }
    RecordBatch batch{.pass = "by_id", .fetches = {DoneWith(fetch)}};
    TL_RETURN_IF_ERROR(commit_(account.account, batch).status());
    parts_.metrics.CountFetch(account.platform->Name(), "unknown");
  }
  return absl::OkStatus();
}

absl::StatusOr<StepResult> FetchRunner::DealWith(const TrackedAccount& account, const std::vector<DueFetch>& due,
                                                 const absl::Status& error) {
  const absl::Time now = parts_.clock.Now();
  const auto told = tracking::TrackingErrorOf(error);
  if (!told.has_value()) {
    if (absl::IsFailedPrecondition(error)) return StepResult{.over = true};
    if (!absl::IsResourceExhausted(error)) return error;
    return StepResult{.wake_at = now + kLookForFetches};
  }
  if (told->code() == v1::TRACKING_ERROR_CODE_AUTH_INVALID) parts_.budget.RefuseCredentials(owner_.account_id);
  // A webhook that was received is read sooner or later, however often the platform fails.
  const absl::Duration delay = tracking::RetryDelay(*told, std::min(due.front().attempts + 1, 3), now, parts_.chance(),
                                                    account.platform->Defaults().retry)
                                   .value_or(kFetchRest);
  LogWarning("a call could not be read by its id; trying again",
             {{"provider_account_id", owner_.account_id}, {"calls", due.size()}, {"error", error}});
  parts_.metrics.CountFetch(account.platform->Name(), "failed");
  TL_RETURN_IF_ERROR(parts_.fetches.Delay(owner_, IdsOf(due), delay, tracking::NameOf(told->code())));
  return StepResult{};
}

}  // namespace trunkline::tracking_sync
