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

using tracking::PlatformCall;
namespace v1 = tracking::v1;

constexpr absl::Duration kLookForFetches = absl::Milliseconds(300);
constexpr absl::Duration kFetchTurn = absl::Seconds(5);
constexpr absl::Duration kFetchRest = absl::Minutes(1);
constexpr int kMostAtOnce = 50;
// A webhook may come before the API knows the call. After these a later pass finds it.
constexpr std::array kUnknownDelays = {absl::Seconds(2), absl::Seconds(10), absl::Seconds(60)};

std::vector<std::string> IdsOf(const std::vector<DueFetch>& fetches) {
  std::vector<std::string> ids;
  for (const DueFetch& fetch : fetches) ids.push_back(fetch.external_id);
  return ids;
}

DoneFetch DoneWith(const DueFetch& fetch) {
  return {.external_id = fetch.external_id, .notified_at = fetch.notified_at, .notifications = fetch.notifications};
}

}  // namespace

FetchRunner::FetchRunner(const AccountParts& parts, Ownership owner, CommitRecords commit)
    : parts_(parts), owner_(std::move(owner)), commit_(std::move(commit)) {}

absl::StatusOr<StepResult> FetchRunner::Step() {
  const absl::Time now = parts_.clock.Now();
  const TrackedAccountPtr account = parts_.accounts.Find(owner_.account_id);
  if (account == nullptr) return StepResult{.over = true};
  const absl::Time earliest =
      parts_.budget.EarliestAt(owner_.account_id, tracking::Resource::kCallDetail, Priority::kWebhookFetch);
  if (earliest > now + kFetchTurn) return StepResult{.wake_at = now + kLookForFetches};
  const int batch = std::min(account->platform->Defaults().fetch_batch, kMostAtOnce);
  TL_ASSIGN_OR_RETURN(const FetchStore::Due due,
                      parts_.fetches.ReadDue(owner_.account_id, batch > 1 ? batch : kMostAtOnce));
  if (due.fetches.empty()) return StepResult{.wake_at = std::min(due.next, now + kLookForFetches)};
  if (batch > 1) return FetchMany(*account, due.fetches);
  for (const DueFetch& fetch : due.fetches) {
    TL_ASSIGN_OR_RETURN(const StepResult result, FetchOne(*account, fetch));
    if (result.over || result.wake_at > now) return result;
  }
  return StepResult{};
}

absl::StatusOr<StepResult> FetchRunner::FetchOne(const TrackedAccount& account, const DueFetch& due) {
  const Asking asking(Priority::kWebhookFetch, kFetchTurn);
  absl::StatusOr<tracking::Answer<PlatformCall>> call =
      account.platform->Client().FetchCall(account.account, due.external_id);
  if (!call.ok()) return DealWith(account, {due}, call.status());
  std::vector<PlatformCall> calls;
  calls.push_back(std::move(call->value));
  return Commit(account, std::move(calls), {DoneWith(due)});
}

absl::StatusOr<StepResult> FetchRunner::FetchMany(const TrackedAccount& account, const std::vector<DueFetch>& due) {
  const Asking asking(Priority::kWebhookFetch, kFetchTurn);
  absl::StatusOr<tracking::CallPage> page = account.platform->Client().FetchCalls(account.account, IdsOf(due));
  if (!page.ok()) return DealWith(account, due, page.status());
  std::set<std::string_view> told;
  for (const PlatformCall& call : page->items) told.insert(call.call.external_id);
  std::vector<DoneFetch> done;
  std::vector<DueFetch> unknown;
  for (const DueFetch& fetch : due) {
    if (told.contains(fetch.external_id)) {
      done.push_back(DoneWith(fetch));
    } else {
      unknown.push_back(fetch);
    }
  }
  TL_ASSIGN_OR_RETURN(const StepResult result, Commit(account, std::move(page->items), std::move(done)));
  if (!result.over) TL_RETURN_IF_ERROR(AskAgain(account, unknown));
  return result;
}

absl::StatusOr<StepResult> FetchRunner::Commit(const TrackedAccount& account, std::vector<PlatformCall> calls,
                                               std::vector<DoneFetch> done) {
  const size_t count = done.size();
  RecordBatch batch{.pass = "webhooks",
                    .reason = webhooks::v1::RECORD_REASON_WEBHOOK,
                    .calls = std::move(calls),
                    .fetches = std::move(done)};
  TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(account.account, batch));
  if (outcome.fenced) return StepResult{.over = true};
  for (size_t i = 0; i < count; ++i) parts_.metrics.CountFetch(account.platform->Name(), "done");
  parts_.metrics.CountRecords(account.platform->Name(), "inserted", outcome.inserted);
  parts_.metrics.CountRecords(account.platform->Name(), "updated", outcome.updated);
  parts_.metrics.CountRecords(account.platform->Name(), "unchanged", outcome.unchanged);
  return StepResult{};
}

absl::Status FetchRunner::AskAgain(const TrackedAccount& account, const std::vector<DueFetch>& unknown) {
  for (const DueFetch& fetch : unknown) {
    if (static_cast<size_t>(fetch.attempts) < kUnknownDelays.size()) {
      TL_RETURN_IF_ERROR(parts_.fetches.Delay(owner_, {fetch.external_id},
                                              kUnknownDelays[static_cast<size_t>(fetch.attempts)], "not known yet"));
      continue;
    }
    RecordBatch batch{.pass = "webhooks", .fetches = {DoneWith(fetch)}};
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
    return StepResult{.wake_at = now + std::min(RetryAfterOf(error).value_or(kLookForFetches), kFetchRest)};
  }
  if (absl::IsNotFound(error)) {
    TL_RETURN_IF_ERROR(AskAgain(account, due));
    return StepResult{};
  }
  if (told->code() == v1::TRACKING_ERROR_CODE_AUTH_INVALID) parts_.budget.RefuseCredentials(owner_.account_id);
  // A webhook that was received is read sooner or later, however often the platform fails.
  const absl::Duration delay = tracking::RetryDelay(*told, std::min(due.front().attempts + 1, 3), now, parts_.chance(),
                                                    account.platform->Defaults().retry)
                                   .value_or(kFetchRest);
  LogWarning("a call that a webhook told of could not be read; trying again",
             {{"provider_account_id", owner_.account_id}, {"calls", due.size()}, {"error", error}});
  parts_.metrics.CountFetch(account.platform->Name(), "failed");
  TL_RETURN_IF_ERROR(parts_.fetches.Delay(owner_, IdsOf(due), delay, tracking::NameOf(told->code())));
  return StepResult{};
}

}  // namespace trunkline::tracking_sync
