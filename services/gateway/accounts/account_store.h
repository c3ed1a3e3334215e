// Provider accounts and their numbers in PostgreSQL. Statements only: transactions and their business are the caller's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/page_token.h"
#include "libs/postgres/connection.h"
#include "services/gateway/accounts/destination_policy.h"
#include "trunkline/accounts/v1/provider_account_service.pb.h"

namespace trunkline::gateway {

// A row of telephony_providers. Credentials as they are stored, see CredentialVault.
struct AccountRow {
  std::string id;
  std::string business_id;
  std::string provider;
  std::string display_name;
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> credentials;
  bool enabled = false;
  bool is_default = false;
  accounts::v1::CallRates call_rates;
  std::vector<std::string> failover_account_ids;
  accounts::v1::RetryPolicy retry_not_placed;
  int64_t revision = 1;
  absl::Time created_at;
  absl::Time updated_at;
};

// A row of business_phone_numbers.
struct NumberRow {
  std::string number;
  std::string account_id;
  bool is_default = false;
  std::string inbound_plan;  // CallPlan, serialized; empty when there is none
};

// Every account that the transaction may see; with `enabled_only`, those in use.
absl::StatusOr<std::vector<AccountRow>> ReadAccounts(postgres::Transaction& tx, bool enabled_only);
// Oldest first, after a position.
absl::StatusOr<std::vector<AccountRow>> ReadAccountPage(postgres::Transaction& tx,
                                                        const std::optional<PagePosition>& after, int most);
absl::StatusOr<std::optional<AccountRow>> ReadAccount(postgres::Transaction& tx, std::string_view id, bool for_update);
// All numbers that the transaction may see, without their plans.
absl::StatusOr<std::vector<NumberRow>> ReadNumbers(postgres::Transaction& tx);
// In the order of the numbers, those after `after`, with their plans; of one account where `account_id` is not empty.
absl::StatusOr<std::vector<NumberRow>> ReadNumberPage(postgres::Transaction& tx, std::string_view account_id,
                                                      std::string_view after, int most);
// All rules that the transaction may see, in the order of their prefixes.
absl::StatusOr<std::vector<DestinationRule>> ReadDestinationRules(postgres::Transaction& tx);

absl::Status InsertAccount(postgres::Transaction& tx, const AccountRow& account);
// Writes what may change, and one revision more.
absl::Status UpdateAccount(postgres::Transaction& tx, const AccountRow& account, absl::Time now);
// Takes the default from the account that has it, unless that is `keep`.
absl::Status ClearDefaultAccount(postgres::Transaction& tx, std::string_view keep, absl::Time now);

// ALREADY_EXISTS when the number is another business's.
absl::Status PutNumber(postgres::Transaction& tx, std::string_view business_id, const NumberRow& number);
// The account that the number belonged to; nothing when there was no such number.
absl::StatusOr<std::optional<std::string>> DeleteNumber(postgres::Transaction& tx, std::string_view number);

// A row of the audit log.
absl::Status WriteAudit(postgres::Transaction& tx, std::string_view business_id, std::string_view actor,
                        std::string_view action, std::string_view subject,
                        const std::map<std::string, std::string>& detail);

}  // namespace trunkline::gateway
