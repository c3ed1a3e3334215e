#include "services/gateway/api/refused_webhook_store.h"

#include <string>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using audit::v1::RefusedWebhook;
using postgres::Parameter;
using postgres::Transaction;

constexpr int kMost = 1'000;
constexpr size_t kLongest = 1'024;

// What an attacker wrote, as far as it can be kept.
std::string Kept(std::string_view text) { return ToStorableText(ToStorableText(text).substr(0, kLongest)); }

}  // namespace

absl::Status RefusedWebhookStore::Record(const audit::v1::RecordRefusedWebhooksRequest& request) {
  FieldChecks checks;
  if (checks.Require(request.webhooks_size() <= kMost, "webhooks", Concat("must be at most ", kMost))) {
    for (int i = 0; i < request.webhooks_size(); ++i) {
      checks.RequireUuid(request.webhooks(i).webhook_id(), Concat("webhooks[", i, "].webhook_id"));
      checks.Require(request.webhooks(i).has_received_at(), Concat("webhooks[", i, "].received_at"), "is needed");
    }
  }
  TL_RETURN_IF_ERROR(checks.Finish());
  if (request.webhooks().empty()) return absl::OkStatus();

  // One array for each column.
  std::vector<std::string> ids, times, providers, accounts, reasons, addresses, paths, digests;
  for (const RefusedWebhook& webhook : request.webhooks()) {
    ids.push_back(webhook.webhook_id());
    times.push_back(postgres::FormatTimestamp(telephony::ToMicros(webhook.received_at())));
    providers.push_back(Kept(webhook.provider()));
    accounts.push_back(IsUuid(webhook.provider_account_id()) ? webhook.provider_account_id() : "");
    reasons.push_back(Kept(webhook.reason()));
    addresses.push_back(Kept(webhook.remote_address()));
    paths.push_back(Kept(webhook.path()));
    digests.push_back(Kept(webhook.body_sha256()));
  }
  return pool_.InTransaction([&](Transaction& tx) {
    return tx
        .Execute(
            "INSERT INTO webhook_logs (webhook_id, received_at, business_id, provider, provider_account_id, event, "
            "outcome, reason, remote_address, path, body_sha256) "
            "SELECT r.id, r.at, a.business_id, r.provider, a.provider_account_id, '', 'refused', r.reason, "
            "r.address, r.path, r.digest "
            "FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], "
            "$8::text[]) AS r(id, at, provider, account, reason, address, path, digest) "
            "LEFT JOIN telephony_providers a ON a.provider_account_id = nullif(r.account, '')::uuid "
            "ON CONFLICT DO NOTHING",
            {Parameter::Array(ids), Parameter::Array(times), Parameter::Array(providers), Parameter::Array(accounts),
             Parameter::Array(reasons), Parameter::Array(addresses), Parameter::Array(paths),
             Parameter::Array(digests)})
        .status();
  });
}

}  // namespace trunkline::gateway
