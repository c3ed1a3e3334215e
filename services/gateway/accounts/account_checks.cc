#include "services/gateway/accounts/account_checks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/source_addresses.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/rate_limit.h"

namespace trunkline::gateway {
namespace {

using accounts::v1::ProviderAccount;

constexpr size_t kLongestName = 200;
constexpr size_t kMostEntries = 50;
constexpr size_t kLongestKey = 64;
constexpr size_t kLongestValue = 4'096;
constexpr int kLargestRate = 1'000'000;
constexpr int kMostFailovers = 5;
constexpr int kMostRetries = 5;
constexpr absl::Duration kShortestAge = absl::Seconds(10);
constexpr absl::Duration kUsualAge = absl::Minutes(5);
constexpr absl::Duration kLongestAge = absl::Hours(1);

void CheckEntry(std::string_view map, const std::string& name, const std::string& value, FieldChecks& checks) {
  const std::string field = Concat("account.", map, ".", ToStorableText(name).substr(0, kLongestKey));
  checks.Require(!name.empty(), field, "must have a name");
  checks.RequireText(name, kLongestKey, field);
  checks.RequireText(value, kLongestValue, field);
}

void ApplyRates(const ProviderAccount& wanted, AccountRow* row, FieldChecks& checks) {
  const auto check = [&](std::string_view name, int rate) {
    checks.Require(rate >= 0 && rate <= kLargestRate, Concat("account.call_rates.", name),
                   Concat("must be from 0, which is unlimited, to ", kLargestRate));
  };
  check("per_second", wanted.call_rates().per_second());
  check("per_minute", wanted.call_rates().per_minute());
  check("per_hour", wanted.call_rates().per_hour());
  row->call_rates = wanted.call_rates();
}

// Whether the accounts are there is known only where they are read: CheckFailover().
void ApplyFailover(const ProviderAccount& wanted, AccountRow* row, FieldChecks& checks) {
  row->failover_account_ids.clear();
  checks.Require(wanted.failover_account_ids_size() <= kMostFailovers, "account.failover_account_ids",
                 Concat("must be at most ", kMostFailovers));
  std::set<std::string> seen;
  for (int i = 0; i < wanted.failover_account_ids_size(); ++i) {
    const std::string field = Concat("account.failover_account_ids[", i, "]");
    const std::string id = Lower(wanted.failover_account_ids(i));
    if (!checks.RequireUuid(id, field)) continue;
    checks.Require(id != row->id, field, "must be another account");
    checks.Require(seen.insert(id).second, field, "is there already");
    row->failover_account_ids.push_back(id);
  }
}

void ApplyRetry(const ProviderAccount& wanted, AccountRow* row, FieldChecks& checks) {
  const accounts::v1::RetryPolicy& retry = wanted.retry_not_placed();
  checks.Require(retry.attempts() >= 0 && retry.attempts() <= kMostRetries, "account.retry_not_placed.attempts",
                 Concat("must be from 0 to ", kMostRetries));
  const absl::Duration age = retry.has_longest_age() ? telephony::FromProto(retry.longest_age()) : kUsualAge;
  checks.Require(age >= kShortestAge && age <= kLongestAge, "account.retry_not_placed.longest_age",
                 "must be from 10 seconds to one hour");
  row->retry_not_placed.Clear();
  if (retry.attempts() <= 0) return;
  row->retry_not_placed.set_attempts(retry.attempts());
  *row->retry_not_placed.mutable_longest_age() = telephony::ToProto(absl::Trunc(age, absl::Seconds(1)));
}

// Of a call-tracking account, over which nobody calls.
void RequireNoDials(const AccountRow& row, FieldChecks& checks) {
  constexpr std::string_view kWhy = "must not be set: no call is placed over a call-tracking account";
  checks.Require(!row.is_default, "account.is_default", kWhy);
  checks.Require(RateLimitsOf(row.call_rates).empty(), "account.call_rates", kWhy);
  checks.Require(row.failover_account_ids.empty(), "account.failover_account_ids", kWhy);
  checks.Require(row.retry_not_placed.attempts() == 0, "account.retry_not_placed", kWhy);
}

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += Concat(out.empty() ? "" : ", ", name);
  return out;
}

}  // namespace

const std::set<std::string>& ChangeableFields() {
  static const auto& fields =
      *new std::set<std::string>{"display_name", "settings",   "credentials",          "enabled",
                                 "is_default",   "call_rates", "failover_account_ids", "retry_not_placed"};
  return fields;
}

void AccountChecks::ApplySettings(const ProviderAccount& wanted, AccountRow* row, FieldChecks& checks) const {
  checks.Require(wanted.settings().size() <= kMostEntries, "account.settings",
                 Concat("must be at most ", kMostEntries));
  row->settings.clear();
  for (const auto& [name, value] : wanted.settings()) {
    CheckEntry("settings", name, value, checks);
    row->settings[name] = value;
  }
  const auto sources = row->settings.find(std::string(providers::kWebhookSourceAddresses));
  if (sources == row->settings.end()) return;
  const absl::Status readable = providers::SourceAddresses::Parse(sources->second).status();
  checks.Require(readable.ok(), Concat("account.settings.", providers::kWebhookSourceAddresses),
                 ToStd(readable.message()));
}

void AccountChecks::ApplyCredentials(const ProviderAccount& wanted, AccountRow* row, FieldChecks& checks) const {
  for (const auto& [name, value] : wanted.credentials()) {
    CheckEntry("credentials", name, value, checks);
    // What a reply showed for it comes back: it stays as it is.
    if (value == kStored && row->credentials.contains(name)) continue;
    const std::string field = Concat("account.credentials.", ToStorableText(name).substr(0, kLongestKey));
    if (!checks.Require(value != kStored, field, "there is no stored credential of this name")) continue;
    const absl::StatusOr<std::string> stored = vault_.Store(row->business_id, row->id, name, value);
    if (checks.Require(stored.ok(), field, ToStd(stored.status().message()))) row->credentials[name] = *stored;
  }
  checks.Require(row->credentials.size() <= kMostEntries, "account.credentials",
                 Concat("must be at most ", kMostEntries));
}

absl::Status AccountChecks::Apply(const ProviderAccount& wanted, const std::set<std::string>& fields,
                                  AccountRow* row) const {
  FieldChecks checks;
  const bool is_known =
      checks.Require(integrations_.Has(row->provider), "account.provider",
                     Concat("no provider of this name is built in; there are: ", Joined(integrations_.Names())));
  if (fields.contains("display_name")) {
    checks.RequireText(wanted.display_name(), kLongestName, "account.display_name");
    row->display_name = wanted.display_name();
  }
  if (fields.contains("settings")) ApplySettings(wanted, row, checks);
  if (fields.contains("credentials")) ApplyCredentials(wanted, row, checks);
  if (fields.contains("enabled")) row->enabled = wanted.enabled();
  if (fields.contains("is_default")) row->is_default = wanted.is_default();
  if (fields.contains("call_rates")) ApplyRates(wanted, row, checks);
  if (fields.contains("failover_account_ids")) ApplyFailover(wanted, row, checks);
  if (fields.contains("retry_not_placed")) ApplyRetry(wanted, row, checks);
  if (integrations_.IsTrackingPlatform(row->provider)) RequireNoDials(*row, checks);

  if (!is_known) {
    absl::Status status = InvalidFields(checks.violations());
    absl::Status unknown = Error(absl::StatusCode::kInvalidArgument, Reason::REASON_UNKNOWN_PROVIDER,
                                 ToStd(status.message()), {{"provider", ToStorableText(row->provider)}});
    // The reason of the one, the fields of the other.
    status.ForEachPayload([&unknown](absl::string_view url, const absl::Cord& payload) {
      if (!unknown.GetPayload(url).has_value()) unknown.SetPayload(url, payload);
    });
    return unknown;
  }
  if (checks.violations().empty() && (fields.contains("settings") || fields.contains("credentials"))) {
    const absl::StatusOr<providers::Account> opened = OpenAccount(*row, vault_);
    if (checks.Require(opened.ok(), "account.credentials", ToStd(opened.status().message()))) {
      for (const providers::AccountProblem& problem : integrations_.CheckForm(*opened)) {
        checks.Require(false, problem.field.empty() ? "account" : Concat("account.", problem.field), problem.message);
      }
    }
  }
  return checks.Finish();
}

absl::Status AccountChecks::CheckFailover(postgres::Transaction& tx, const AccountRow& row) const {
  if (row.failover_account_ids.empty()) return absl::OkStatus();
  FieldChecks checks;
  TL_ASSIGN_OR_RETURN(const std::vector<AccountRow> accounts, ReadAccounts(tx, /*enabled_only=*/true));
  for (size_t i = 0; i < row.failover_account_ids.size(); ++i) {
    const std::string field = Concat("account.failover_account_ids[", i, "]");
    const auto found = std::find_if(accounts.begin(), accounts.end(), [&](const AccountRow& account) {
      return account.id == row.failover_account_ids[i];
    });
    if (!checks.Require(found != accounts.end(), field, "must be an enabled account of the business")) continue;
    const providers::Provider* provider = integrations_.FindProvider(found->provider);
    checks.Require(provider != nullptr && provider->Features().contains(providers::v1::FEATURE_PLACE_CALL), field,
                   "must be an account of a provider that places calls here");
  }
  return checks.Finish();
}

}  // namespace trunkline::gateway
