#include "services/gateway/accounts/account_checks.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/source_addresses.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/doubt_policy.h"

namespace trunkline::gateway {
namespace {

using accounts::v1::ProviderAccount;

constexpr size_t kLongestName = 200;
constexpr size_t kMostEntries = 50;
constexpr size_t kLongestKey = 64;
constexpr size_t kLongestValue = 4'096;

void CheckEntry(std::string_view map, const std::string& name, const std::string& value, FieldChecks& checks) {
  const std::string field = Concat("account.", map, ".", ToStorableText(name).substr(0, kLongestKey));
  checks.Require(!name.empty(), field, "must have a name");
  checks.RequireText(name, kLongestKey, field);
  checks.RequireText(value, kLongestValue, field);
}

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += Concat(out.empty() ? "" : ", ", name);
  return out;
}

}  // namespace

const std::set<std::string>& ChangeableFields() {
  static const auto& fields =
      *new std::set<std::string>{"display_name", "settings", "credentials", "enabled", "is_default"};
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
  const providers::Provider* provider = registry_.Find(row->provider);
  checks.Require(provider != nullptr, "account.provider",
                 Concat("no provider of this name is built in; there are: ", Joined(registry_.Names())));
  if (fields.contains("display_name")) {
    checks.RequireText(wanted.display_name(), kLongestName, "account.display_name");
    row->display_name = wanted.display_name();
  }
  if (fields.contains("settings")) ApplySettings(wanted, row, checks);
  if (fields.contains("credentials")) ApplyCredentials(wanted, row, checks);
  if (fields.contains("enabled")) row->enabled = wanted.enabled();
  if (fields.contains("is_default")) row->is_default = wanted.is_default();

  if (provider == nullptr) {
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
      std::vector<providers::AccountProblem> problems = provider->CheckForm(*opened);
      for (providers::AccountProblem& problem : CheckDoubtSettings(*opened)) problems.push_back(std::move(problem));
      for (const providers::AccountProblem& problem : problems) {
        checks.Require(false, problem.field.empty() ? "account" : Concat("account.", problem.field), problem.message);
      }
    }
  }
  return checks.Finish();
}

}  // namespace trunkline::gateway
