#include "services/call-tracking-sync/webhooks/webhook_keeper.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/crypto.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Parameter;
using postgres::Transaction;
using tracking::WebhookEntry;
using tracking::WebhookRegistration;

constexpr int kMostDoublings = 10;

std::string HashOf(const std::vector<WebhookEntry>& webhooks) {
  std::string all;
  for (const WebhookEntry& webhook : webhooks) all += Concat(webhook.event, "\n", webhook.url, "\n");
  return Sha256(all);
}

// A platform that takes no webhooks over its API is a person's.
absl::StatusOr<WebhookRegistration> Register(const AccountAtWork& work) {
  absl::StatusOr<WebhookRegistration> registration = work.platform.Client().RegisterWebhooks(work.account);
  if (absl::IsUnimplemented(registration.status())) {
    return WebhookRegistration{.person_needed = true, .entries = work.platform.UrlsToEnter(work.account)};
  }
  return registration;
}

// Those of `before` that stand at the platform and are not among `now`.
std::vector<WebhookEntry> OthersOf(const std::vector<WebhookEntry>& before, const std::vector<WebhookEntry>& now) {
  std::set<std::string_view> ids;
  for (const WebhookEntry& webhook : now) ids.insert(webhook.external_id);
  std::vector<WebhookEntry> others;
  for (const WebhookEntry& webhook : before) {
    if (!webhook.external_id.empty() && !ids.contains(webhook.external_id)) others.push_back(webhook);
  }
  return others;
}

}  // namespace

absl::StatusOr<bool> WebhookKeeper::WorkOn(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  TL_ASSIGN_OR_RETURN(const std::vector<WebhookWish> wishes,
                      pool_.InTransaction([&](Transaction& tx) { return ReadWishes(tx, work.account.id); }));
  if (wishes.empty()) return false;
  const WebhookWish& wish = wishes.front();
  if (!wish.is_wanted) {
    if (wish.is_settled() || wish.due_at > now) return false;
    TL_RETURN_IF_ERROR(TakeOut(work, wish));
    return true;
  }
  const std::string urls_sha256 = HashOf(work.platform.UrlsToEnter(work.account));
  // What failed waits, whatever its URLs are now.
  const bool is_changed = wish.tries == 0 && wish.is_settled() && wish.urls_sha256 != urls_sha256;
  if (wish.due_at > now && !is_changed) return false;
  TL_RETURN_IF_ERROR(Enter(work, wish, urls_sha256));
  return true;
}

absl::Status WebhookKeeper::Enter(const AccountAtWork& work, const WebhookWish& wish, const std::string& urls_sha256) {
  TL_ASSIGN_OR_RETURN(const std::vector<WebhookEntry> before,
                      pool_.InTransaction([&](Transaction& tx) { return ReadWebhooks(tx, work.account.id); }));
  absl::StatusOr<WebhookRegistration> registration = Register(work);
  if (!registration.ok()) return PutOff(work, wish, registration.status());
  const std::vector<WebhookEntry> others = OthersOf(before, registration->entries);
  if (!others.empty()) {
    // Of another token, or gone already.
    const absl::Status taken_out =
        work.platform.Client().UnregisterWebhooks(work.account, {.person_needed = false, .entries = others}).status();
    if (!taken_out.ok() && !absl::IsUnimplemented(taken_out)) return PutOff(work, wish, taken_out);
    // A platform may give those that stay other ids by that.
    registration = Register(work);
    if (!registration.ok()) return PutOff(work, wish, registration.status());
  }
  const int64_t lost = wish.urls_sha256 == urls_sha256 ? static_cast<int64_t>(others.size()) : 0;
  if (lost > 0) {
    LogWarning("webhooks were not at the platform any more, and are entered again",
               {{"provider_account_id", work.account.id}, {"webhooks", lost}});
  }
  TL_RETURN_IF_ERROR(Settle(work, wish, registration->entries, urls_sha256));
  on_end_(work.platform.Name(), "registered", lost);
  return absl::OkStatus();
}

absl::Status WebhookKeeper::TakeOut(const AccountAtWork& work, const WebhookWish& wish) {
  TL_ASSIGN_OR_RETURN(const std::vector<WebhookEntry> before,
                      pool_.InTransaction([&](Transaction& tx) { return ReadWebhooks(tx, work.account.id); }));
  std::vector<WebhookEntry> left;
  const bool any_entered = std::any_of(before.begin(), before.end(),
                                       [](const WebhookEntry& webhook) { return !webhook.external_id.empty(); });
  if (any_entered) {
    absl::StatusOr<WebhookRegistration> registration =
        work.platform.Client().UnregisterWebhooks(work.account, {.person_needed = false, .entries = before});
    if (!registration.ok()) return PutOff(work, wish, registration.status());
    left = std::move(registration->entries);
  } else {
    left = before;
  }
  TL_RETURN_IF_ERROR(Settle(work, wish, left, ""));
  on_end_(work.platform.Name(), "unregistered", 0);
  return absl::OkStatus();
}

absl::Status WebhookKeeper::Settle(const AccountAtWork& work, const WebhookWish& wish,
                                   const std::vector<WebhookEntry>& webhooks, const std::string& urls_sha256) {
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    TL_RETURN_IF_ERROR(PutWebhooks(tx, work.account, webhooks, now));
    // A wish that came meanwhile stays due.
    TL_RETURN_IF_ERROR(
        tx.Execute("UPDATE tracking_webhook_registrations SET settled_wish = $2, urls_sha256 = nullif($3, ''::bytea), "
                   "verified_at = $4::timestamptz, due_at = CASE WHEN wish = $2 THEN $5::timestamptz ELSE due_at END, "
                   "tries = 0, error = '' WHERE provider_account_id = $1",
                   {work.account.id, wish.wish, Parameter::Bytes(urls_sha256), now, now + options_.verify_every})
            .status());
    if (wish.is_settled()) return absl::OkStatus();
    return tx
        .Execute(
            "INSERT INTO audit_log (business_id, actor, action, subject, detail) VALUES ($1, $2, $3, "
            "'provider_account', jsonb_build_object('account', $4::text, 'webhooks', $5::bigint))",
            {work.account.business_id, wish.actor,
             wish.is_wanted ? "tracking_webhooks.register" : "tracking_webhooks.unregister", work.account.id,
             static_cast<int64_t>(webhooks.size())})
        .status();
  });
}

absl::Status WebhookKeeper::PutOff(const AccountAtWork& work, const WebhookWish& wish, const absl::Status& failure) {
  // Otherwise our own budget has no room: nothing was asked, and nothing failed.
  const bool was_asked = tracking::TrackingErrorOf(failure).has_value();
  const int tries = wish.tries + (was_asked ? 1 : 0);
  const absl::Duration wait =
      was_asked
          ? std::min(options_.longest_wait, options_.try_again_after * (1 << std::min(wish.tries, kMostDoublings)))
          : RetryAfterOf(failure).value_or(options_.try_again_after);
  LogWarning("the webhooks of an account could not be looked after; trying again",
             {{"provider_account_id", work.account.id}, {"error", failure}});
  const absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    return tx
        .Execute(
            "UPDATE tracking_webhook_registrations SET due_at = CASE WHEN wish = $2 THEN $3::timestamptz ELSE "
            "due_at END, tries = $4, error = $5 WHERE provider_account_id = $1",
            {work.account.id, wish.wish, InMicros(clock_.Now()) + wait, tries, tracking::DescribeError(failure)})
        .status();
  });
  if (committed.ok() && was_asked) on_end_(work.platform.Name(), "failed", 0);
  return committed;
}

}  // namespace trunkline::tracking_sync
