#include "services/call-tracking-sync/webhooks/webhook_requests.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/shown_webhooks.h"
#include "services/call-tracking-sync/webhooks/webhook_rows.h"
#include "services/call-tracking-sync/work/tracking_account.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::WebhookEntry;
namespace v1 = tracking::v1;

v1::WebhookRegistrationState StateOf(const WebhookWish* wish) {
  if (wish == nullptr) return v1::WEBHOOK_REGISTRATION_STATE_NONE;
  if (!wish->is_settled()) return v1::WEBHOOK_REGISTRATION_STATE_PENDING;
  return wish->is_wanted ? v1::WEBHOOK_REGISTRATION_STATE_REGISTERED : v1::WEBHOOK_REGISTRATION_STATE_UNREGISTERED;
}

// What the account's URLs are today, and what of them stands at the platform; what stands there beside them comes last.
std::vector<WebhookEntry> Joined(std::vector<WebhookEntry> shown, const std::vector<WebhookEntry>& entered) {
  for (const WebhookEntry& webhook : entered) {
    const auto same = std::find_if(shown.begin(), shown.end(),
                                   [&](const WebhookEntry& other) { return other.event == webhook.event; });
    if (same == shown.end()) {
      shown.push_back(webhook);
    } else {
      same->external_id = webhook.external_id;
    }
  }
  return shown;
}

// Once all are taken out: those that a person entered, perhaps.
void KeepOnly(const std::vector<WebhookEntry>& entered, std::vector<WebhookEntry>* webhooks) {
  std::erase_if(*webhooks, [&](const WebhookEntry& webhook) {
    return std::none_of(entered.begin(), entered.end(),
                        [&](const WebhookEntry& other) { return other.event == webhook.event; });
  });
}

v1::WebhookRegistration RegistrationOf(const tracking::Account& account, const WebhookWish* wish,
                                       const std::vector<WebhookEntry>& webhooks) {
  v1::WebhookRegistration registration;
  registration.set_provider_account_id(account.id);
  registration.set_provider(account.provider);
  registration.set_state(StateOf(wish));
  for (const WebhookEntry& webhook : webhooks) {
    v1::TrackingWebhook* told = registration.add_webhooks();
    told->set_event(webhook.event);
    told->set_label(webhook.label);
    told->set_url(webhook.url);
    told->set_external_id(webhook.external_id);
  }
  if (wish == nullptr) return registration;
  registration.set_requested_by(wish->actor);
  registration.set_error(wish->error);
  if (wish->is_wanted && wish->verified_at.has_value()) {
    *registration.mutable_verified_at() = telephony::ToProto(*wish->verified_at);
  }
  registration.set_person_needed(wish->is_settled() &&
                                 std::any_of(webhooks.begin(), webhooks.end(),
                                             [](const WebhookEntry& webhook) { return webhook.external_id.empty(); }));
  return registration;
}

}  // namespace

absl::StatusOr<v1::WebhookRegistration> WebhookRequests::Wish(const rpc::Caller& caller, std::string_view account_id,
                                                              bool is_wanted) {
  FieldChecks checks;
  checks.RequireUuid(account_id, "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const absl::Time now = InMicros(clock_.Now());
  const absl::Status written = pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(PlatformOfAccount(tx, platforms_, account_id).status());
    return tx
        .Execute(
            "INSERT INTO tracking_webhook_registrations AS r (provider_account_id, business_id, is_wanted, actor, "
            "asked_at, due_at) VALUES ($1, $2, $3, $4, $5::timestamptz, $5::timestamptz) ON CONFLICT "
            "(provider_account_id) DO UPDATE SET is_wanted = EXCLUDED.is_wanted, actor = EXCLUDED.actor, wish = r.wish "
            "+ 1, asked_at = EXCLUDED.asked_at, due_at = EXCLUDED.due_at, tries = 0, error = ''",
            {account_id, caller.business_id, is_wanted, caller.actor, now})
        .status();
  });
  TL_RETURN_IF_ERROR(written);
  return Get(caller.business_id, account_id);
}

absl::StatusOr<v1::WebhookRegistration> WebhookRequests::Get(std::string_view business_id,
                                                             std::string_view account_id) {
  v1::ListTrackingWebhooksRequest request;
  request.set_provider_account_id(std::string(account_id));
  TL_ASSIGN_OR_RETURN(v1::ListTrackingWebhooksResponse list, List(business_id, request));
  return std::move(*list.mutable_registrations(0));
}

absl::StatusOr<v1::ListTrackingWebhooksResponse> WebhookRequests::List(std::string_view business_id,
                                                                       const v1::ListTrackingWebhooksRequest& request) {
  FieldChecks checks;
  const std::string& only = request.provider_account_id();
  if (!only.empty()) checks.RequireUuid(only, "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<v1::ListTrackingWebhooksResponse> {
    if (!only.empty()) TL_RETURN_IF_ERROR(PlatformOfAccount(tx, platforms_, only).status());
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute("SELECT provider_account_id, provider FROM telephony_providers WHERE business_id = "
                                   "current_business_id() AND enabled AND provider = ANY ($2::text[]) AND ($1 = '' OR "
                                   "provider_account_id = nullif($1, '')::uuid) ORDER BY provider_account_id",
                                   {only, Parameter::Array(platforms_.Names())}));
    TL_ASSIGN_OR_RETURN(const std::vector<WebhookWish> wishes, ReadWishes(tx, only));
    v1::ListTrackingWebhooksResponse response;
    for (int i = 0; i < rows.size(); ++i) {
      tracking::Account account{.id = rows.String(i, 0), .provider = rows.String(i, 1)};
      std::vector<WebhookEntry> shown;
      // The gateway may tell of a new account a moment later.
      const TrackedAccountPtr tracked = accounts_.Find(account.id);
      if (tracked != nullptr) shown = tracking::WebhooksToShow(*tracked->platform, tracked->account);
      TL_ASSIGN_OR_RETURN(const std::vector<WebhookEntry> entered, ReadWebhooks(tx, account.id));
      const auto wish = std::find_if(wishes.begin(), wishes.end(),
                                     [&](const WebhookWish& other) { return other.account_id == account.id; });
      const WebhookWish* found = wish == wishes.end() ? nullptr : &*wish;
      std::vector<WebhookEntry> webhooks = Joined(std::move(shown), entered);
      if (StateOf(found) == v1::WEBHOOK_REGISTRATION_STATE_UNREGISTERED) KeepOnly(entered, &webhooks);
      *response.add_registrations() = RegistrationOf(account, found, webhooks);
    }
    return response;
  });
}

}  // namespace trunkline::tracking_sync
