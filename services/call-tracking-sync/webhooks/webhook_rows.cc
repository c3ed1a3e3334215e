#include "services/call-tracking-sync/webhooks/webhook_rows.h"

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::tracking_sync {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::WebhookEntry;

absl::StatusOr<std::vector<WebhookWish>> ReadWishes(Transaction& tx, std::string_view account_id) {
  static const std::string sql =
      Concat("SELECT provider_account_id, is_wanted, actor, wish, settled_wish, coalesce(urls_sha256, ''), ",
             Micros("verified_at"), ", ", Micros("due_at"),
             ", tries, error FROM tracking_webhook_registrations WHERE $1 = '' OR provider_account_id = nullif($1, "
             "'')::uuid ORDER BY provider_account_id");
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {account_id}));
  std::vector<WebhookWish> wishes;
  wishes.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    wishes.push_back({.account_id = rows.String(i, 0),
                      .is_wanted = rows.Boolean(i, 1),
                      .actor = rows.String(i, 2),
                      .wish = rows.Integer(i, 3),
                      .settled = rows.Integer(i, 4),
                      .urls_sha256 = rows.Bytes(i, 5),
                      .verified_at = rows.Time(i, 6),
                      .due_at = rows.Time(i, 7).value_or(absl::InfinitePast()),
                      .tries = static_cast<int>(rows.Integer(i, 8)),
                      .error = rows.String(i, 9)});
  }
  return wishes;
}

absl::StatusOr<std::vector<WebhookEntry>> ReadWebhooks(Transaction& tx, std::string_view account_id) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT event, label, external_id FROM tracking_webhooks WHERE provider_account_id = "
                                 "$1 ORDER BY event",
                                 {account_id}));
  std::vector<WebhookEntry> webhooks;
  webhooks.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    webhooks.push_back(
        {.event = rows.String(i, 0), .label = rows.String(i, 1), .url = {}, .external_id = rows.String(i, 2)});
  }
  return webhooks;
}

absl::Status PutWebhooks(Transaction& tx, const tracking::Account& account, const std::vector<WebhookEntry>& webhooks,
                         absl::Time now) {
  std::vector<std::string_view> events, labels, ids;
  for (const WebhookEntry& webhook : webhooks) {
    events.push_back(webhook.event);
    labels.push_back(webhook.label);
    ids.push_back(webhook.external_id);
  }
  TL_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM tracking_webhooks WHERE provider_account_id = $1 AND event <> ALL ($2::text[])",
                 {account.id, Parameter::Texts(events)})
          .status());
  return tx
      .Execute(
          "INSERT INTO tracking_webhooks AS w (provider_account_id, business_id, event, label, external_id, "
          "registered_at) SELECT $1::uuid, $2::uuid, e, l, i, $6::timestamptz FROM unnest($3::text[], $4::text[], "
          "$5::text[]) AS n(e, l, i) ON CONFLICT (provider_account_id, event) DO UPDATE SET label = EXCLUDED.label, "
          "external_id = EXCLUDED.external_id, registered_at = CASE WHEN w.external_id = EXCLUDED.external_id THEN "
          "w.registered_at ELSE EXCLUDED.registered_at END",
          {account.id, account.business_id, Parameter::Texts(events), Parameter::Texts(labels), Parameter::Texts(ids),
           now})
      .status();
}

}  // namespace trunkline::tracking_sync
