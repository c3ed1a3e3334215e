#include "services/gateway/accounts/account_store.h"

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using TextMap = std::map<std::string, std::string>;

std::string Columns() {
  return Concat(
      "provider_account_id, business_id, provider, display_name, settings, credentials, enabled, is_default, "
      "revision, ",
      postgres::Micros("created_at"), ", ", postgres::Micros("updated_at"),
      ", calls_per_second, calls_per_minute, calls_per_hour, array_to_json(failover_account_ids), retry_attempts, "
      "retry_longest_age_seconds");
}

std::string ToJson(const TextMap& map) { return WriteJson(nlohmann::json(map)); }

absl::StatusOr<TextMap> FromJson(std::string_view text) {
  const nlohmann::json object = ParseJson(text);
  if (!object.is_object()) return absl::DataLossError("an account's settings are no JSON object");
  TextMap map;
  for (const auto& [name, value] : object.items()) {
    // Rows may be written by hand, where numbers are numbers.
    map[name] = value.is_string() ? value.get<std::string>() : WriteJson(value);
  }
  return map;
}

absl::StatusOr<std::vector<std::string>> ListFromJson(std::string_view text) {
  const nlohmann::json list = ParseJson(text);
  if (!list.is_array()) return absl::DataLossError("an account's failover order is no JSON array");
  std::vector<std::string> items;
  for (const nlohmann::json& item : list) {
    if (item.is_string()) items.push_back(item.get<std::string>());
  }
  return items;
}

// The columns of limits, failover and retry begin here in Columns().
constexpr int kLimits = 11;

absl::Status ReadLimits(const Result& rows, int row, AccountRow* account) {
  account->call_rates.set_per_second(static_cast<int32_t>(rows.Integer(row, kLimits)));
  account->call_rates.set_per_minute(static_cast<int32_t>(rows.Integer(row, kLimits + 1)));
  account->call_rates.set_per_hour(static_cast<int32_t>(rows.Integer(row, kLimits + 2)));
  TL_ASSIGN_OR_RETURN(account->failover_account_ids, ListFromJson(rows.Text(row, kLimits + 3)));
  account->retry_not_placed.set_attempts(static_cast<int32_t>(rows.Integer(row, kLimits + 4)));
  if (!rows.IsNull(row, kLimits + 5)) {
    *account->retry_not_placed.mutable_longest_age() =
        telephony::ToProto(absl::Seconds(rows.Integer(row, kLimits + 5)));
  }
  return absl::OkStatus();
}

// 0 stands for no limit, which is null in the table.
Parameter NumberOrNull(int64_t number) { return number > 0 ? Parameter(number) : Parameter(std::nullopt); }

// What follows the columns of both statements that write an account.
std::vector<Parameter> LimitParameters(const AccountRow& account) {
  const accounts::v1::RetryPolicy& retry = account.retry_not_placed;
  return {NumberOrNull(account.call_rates.per_second()),
          NumberOrNull(account.call_rates.per_minute()),
          NumberOrNull(account.call_rates.per_hour()),
          Parameter::Array(account.failover_account_ids),
          NumberOrNull(retry.attempts()),
          NumberOrNull(retry.longest_age().seconds())};
}

std::vector<Parameter> With(std::vector<Parameter> parameters, const std::vector<Parameter>& more) {
  parameters.insert(parameters.end(), more.begin(), more.end());
  return parameters;
}

absl::StatusOr<std::vector<AccountRow>> FromRows(const absl::StatusOr<Result>& rows) {
  TL_RETURN_IF_ERROR(rows.status());
  std::vector<AccountRow> accounts;
  accounts.reserve(static_cast<size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    AccountRow& account = accounts.emplace_back();
    account.id = rows->String(i, 0);
    account.business_id = rows->String(i, 1);
    account.provider = rows->String(i, 2);
    account.display_name = rows->String(i, 3);
    TL_ASSIGN_OR_RETURN(account.settings, FromJson(rows->Text(i, 4)));
    TL_ASSIGN_OR_RETURN(account.credentials, FromJson(rows->Text(i, 5)));
    account.enabled = rows->Boolean(i, 6);
    account.is_default = rows->Boolean(i, 7);
    account.revision = rows->Integer(i, 8);
    account.created_at = *rows->Time(i, 9);
    account.updated_at = *rows->Time(i, 10);
    TL_RETURN_IF_ERROR(ReadLimits(*rows, i, &account));
  }
  return accounts;
}

}  // namespace

absl::StatusOr<std::vector<AccountRow>> ReadAccounts(Transaction& tx, bool enabled_only) {
  return FromRows(tx.Execute(Concat("SELECT ", Columns(),
                                    " FROM telephony_providers WHERE enabled OR NOT $1 "
                                    "ORDER BY created_at, provider_account_id"),
                             {enabled_only}));
}

absl::StatusOr<std::vector<AccountRow>> ReadAccountPage(Transaction& tx, const std::optional<PagePosition>& after,
                                                        int most) {
  const PagePosition from =
      after.value_or(PagePosition{.time = absl::UnixEpoch(), .id = "00000000-0000-0000-0000-000000000000"});
  return FromRows(tx.Execute(Concat("SELECT ", Columns(),
                                    " FROM telephony_providers "
                                    "WHERE (created_at, provider_account_id) > ($1, $2) "
                                    "ORDER BY created_at, provider_account_id LIMIT $3"),
                             {from.time, from.id, most}));
}

absl::StatusOr<std::optional<AccountRow>> ReadAccount(Transaction& tx, std::string_view id, bool for_update) {
  TL_ASSIGN_OR_RETURN(std::vector<AccountRow> accounts,
                      FromRows(tx.Execute(Concat("SELECT ", Columns(), " FROM telephony_providers WHERE ",
                                                 "provider_account_id = $1", for_update ? " FOR UPDATE" : ""),
                                          {id})));
  if (accounts.empty()) return std::nullopt;
  return std::move(accounts.front());
}

absl::StatusOr<std::vector<NumberRow>> ReadNumbers(Transaction& tx) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT number, provider_account_id, is_default FROM business_phone_numbers"));
  std::vector<NumberRow> numbers;
  numbers.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    numbers.push_back({.number = rows.String(i, 0),
                       .account_id = rows.String(i, 1),
                       .is_default = rows.Boolean(i, 2),
                       .inbound_plan = {}});
  }
  return numbers;
}

absl::StatusOr<std::vector<NumberRow>> ReadNumberPage(Transaction& tx, std::string_view account_id,
                                                      std::string_view after, int most) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT number, provider_account_id, is_default, inbound_plan "
                                 "FROM business_phone_numbers WHERE number > $1 "
                                 "AND ($2::uuid IS NULL OR provider_account_id = $2) ORDER BY number LIMIT $3",
                                 {after, Parameter::TextOrNull(account_id), most}));
  std::vector<NumberRow> numbers;
  numbers.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    numbers.push_back({.number = rows.String(i, 0),
                       .account_id = rows.String(i, 1),
                       .is_default = rows.Boolean(i, 2),
                       .inbound_plan = rows.Bytes(i, 3)});
  }
  return numbers;
}

absl::StatusOr<std::vector<DestinationRule>> ReadDestinationRules(Transaction& tx) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT prefix, action = 'allow', note FROM destination_rules ORDER BY prefix"));
  std::vector<DestinationRule> rules;
  rules.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    rules.push_back({.prefix = rows.String(i, 0), .allows = rows.Boolean(i, 1), .note = rows.String(i, 2)});
  }
  return rules;
}

absl::Status InsertAccount(Transaction& tx, const AccountRow& account) {
  return tx
      .Execute(
          "INSERT INTO telephony_providers (provider_account_id, business_id, provider, display_name, settings, "
          "credentials, enabled, is_default, revision, created_at, updated_at, calls_per_second, calls_per_minute, "
          "calls_per_hour, failover_account_ids, retry_attempts, retry_longest_age_seconds) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::uuid[], $16, $17)",
          With({account.id, account.business_id, account.provider, account.display_name, ToJson(account.settings),
                ToJson(account.credentials), account.enabled, account.is_default, account.revision, account.created_at,
                account.updated_at},
               LimitParameters(account)))
      .status();
}

absl::Status UpdateAccount(Transaction& tx, const AccountRow& account, absl::Time now) {
  return tx
      .Execute(
          "UPDATE telephony_providers SET display_name = $2, settings = $3, credentials = $4, enabled = $5, "
          "is_default = $6, revision = revision + 1, updated_at = $7, calls_per_second = $8, calls_per_minute = $9, "
          "calls_per_hour = $10, failover_account_ids = $11::uuid[], retry_attempts = $12, "
          "retry_longest_age_seconds = $13 WHERE provider_account_id = $1",
          With({account.id, account.display_name, ToJson(account.settings), ToJson(account.credentials),
                account.enabled, account.is_default, now},
               LimitParameters(account)))
      .status();
}

absl::Status ClearDefaultAccount(Transaction& tx, std::string_view keep, absl::Time now) {
  return tx
      .Execute(
          "UPDATE telephony_providers SET is_default = false, revision = revision + 1, updated_at = $2 "
          "WHERE is_default AND provider_account_id <> $1",
          {keep, now})
      .status();
}

absl::Status PutNumber(Transaction& tx, std::string_view business_id, const NumberRow& number) {
  if (number.is_default) {
    TL_RETURN_IF_ERROR(tx.Execute("UPDATE business_phone_numbers SET is_default = false "
                                  "WHERE provider_account_id = $1 AND is_default AND number <> $2",
                                  {number.account_id, number.number})
                           .status());
  }
  const Parameter plan = number.inbound_plan.empty() ? Parameter(std::nullopt) : Parameter::Bytes(number.inbound_plan);
  TL_ASSIGN_OR_RETURN(const Result updated,
                      tx.Execute("UPDATE business_phone_numbers SET provider_account_id = $2, is_default = $3, "
                                 "inbound_plan = $4 WHERE number = $1",
                                 {number.number, number.account_id, number.is_default, plan}));
  if (updated.affected() > 0) return absl::OkStatus();
  return tx
      .Execute(
          "INSERT INTO business_phone_numbers (number, business_id, provider_account_id, is_default, inbound_plan) "
          "VALUES ($1, $2, $3, $4, $5)",
          {number.number, business_id, number.account_id, number.is_default, plan})
      .status();
}

absl::StatusOr<std::optional<std::string>> DeleteNumber(Transaction& tx, std::string_view number) {
  TL_ASSIGN_OR_RETURN(
      const Result deleted,
      tx.Execute("DELETE FROM business_phone_numbers WHERE number = $1 RETURNING provider_account_id", {number}));
  if (deleted.empty()) return std::nullopt;
  return deleted.String(0, 0);
}

absl::Status WriteAudit(Transaction& tx, std::string_view business_id, std::string_view actor, std::string_view action,
                        std::string_view subject, const TextMap& detail) {
  return tx
      .Execute("INSERT INTO audit_log (business_id, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
               {business_id, actor, action, subject, ToJson(detail)})
      .status();
}

}  // namespace trunkline::gateway
