#include "services/gateway/accounts/account_commands.h"

#include <optional>
#include <set>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/stopwatch.h"
#include "libs/base/text.h"
#include "libs/telephony/call_plan_checks.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/accounts/plan_destinations.h"
#include "services/gateway/accounts/rate_limit.h"
#include "services/gateway/request/provider_errors.h"

namespace trunkline::gateway {
namespace {

using accounts::v1::ListPhoneNumbersRequest;
using accounts::v1::ListPhoneNumbersResponse;
using accounts::v1::ListProviderAccountsRequest;
using accounts::v1::ListProviderAccountsResponse;
using accounts::v1::PhoneNumber;
using accounts::v1::ProviderAccount;
using accounts::v1::UpdateProviderAccountRequest;
using postgres::Transaction;

absl::StatusOr<AccountRow> Existing(Transaction& tx, const std::string& account_id, bool for_update) {
  TL_ASSIGN_OR_RETURN(std::optional<AccountRow> row, ReadAccount(tx, account_id, for_update));
  if (!row.has_value()) return NoSuchAccount(account_id);
  return *std::move(row);
}

absl::Status CheckId(std::string_view account_id, std::string_view field) {
  FieldChecks checks;
  checks.RequireUuid(account_id, field);
  return checks.Finish();
}

absl::StatusOr<std::set<std::string>> FieldsOf(const UpdateProviderAccountRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.account().provider_account_id(), "account.provider_account_id");
  checks.Require(request.update_mask().paths_size() > 0, "update_mask", "must name the fields to change");
  std::set<std::string> fields;
  for (const std::string& path : request.update_mask().paths()) {
    checks.Require(ChangeableFields().contains(path), "update_mask",
                   "can name display_name, settings, credentials, enabled, is_default, call_rates, "
                   "failover_account_ids, retry_not_placed");
    fields.insert(path);
  }
  TL_RETURN_IF_ERROR(checks.Finish());
  return fields;
}

absl::StatusOr<PhoneNumber> ShowNumber(const NumberRow& row) {
  PhoneNumber shown;
  shown.set_number(row.number);
  shown.set_provider_account_id(row.account_id);
  shown.set_is_default(row.is_default);
  if (!row.inbound_plan.empty() && !shown.mutable_inbound_plan()->ParseFromString(row.inbound_plan)) {
    return absl::DataLossError("a number's plan cannot be read");
  }
  return shown;
}

// For the audit: which fields, never their values.
std::string Names(const std::set<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) out += Concat(out.empty() ? "" : ",", field);
  return out;
}

}  // namespace

ProviderAccount ShowAccount(const AccountRow& row) {
  ProviderAccount shown;
  shown.set_provider_account_id(row.id);
  shown.set_provider(row.provider);
  shown.set_display_name(row.display_name);
  shown.mutable_settings()->insert(row.settings.begin(), row.settings.end());
  for (const auto& [name, stored] : row.credentials) (*shown.mutable_credentials())[name] = Shown(stored);
  shown.set_enabled(row.enabled);
  shown.set_is_default(row.is_default);
  if (!RateLimitsOf(row.call_rates).empty()) *shown.mutable_call_rates() = row.call_rates;
  for (const std::string& id : row.failover_account_ids) shown.add_failover_account_ids(id);
  if (row.retry_not_placed.attempts() > 0) *shown.mutable_retry_not_placed() = row.retry_not_placed;
  shown.set_etag(Concat(row.revision));
  *shown.mutable_create_time() = telephony::ToProto(row.created_at);
  *shown.mutable_update_time() = telephony::ToProto(row.updated_at);
  return shown;
}

absl::StatusOr<AccountRow> AccountCommands::Create(const rpc::Caller& caller, const ProviderAccount& wanted) {
  const absl::Time now = InMicros(parts_.clock.Now());
  AccountRow row;
  row.id = NewUuid(now);
  row.business_id = caller.business_id;
  row.provider = wanted.provider();
  row.created_at = now;
  row.updated_at = now;
  TL_RETURN_IF_ERROR(checks_.Apply(wanted, ChangeableFields(), &row));
  const absl::Status written = parts_.pool.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(checks_.CheckFailover(tx, row));
    if (row.is_default) TL_RETURN_IF_ERROR(ClearDefaultAccount(tx, row.id, now));
    TL_RETURN_IF_ERROR(InsertAccount(tx, row));
    return WriteAudit(tx, caller.business_id, caller.actor, "provider_account.create", row.id,
                      {{"provider", row.provider}});
  });
  TL_RETURN_IF_ERROR(written);
  parts_.directory.Invalidate();
  return row;
}

absl::StatusOr<AccountRow> AccountCommands::Get(const rpc::Caller& caller, const std::string& account_id) {
  TL_RETURN_IF_ERROR(CheckId(account_id, "provider_account_id"));
  return parts_.pool.InBusiness(caller.business_id, [&](Transaction& tx) { return Existing(tx, account_id, false); });
}

absl::StatusOr<ListProviderAccountsResponse> AccountCommands::List(const rpc::Caller& caller,
                                                                   const ListProviderAccountsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = Concat("provider accounts ", caller.business_id);
  std::optional<PagePosition> after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadPageToken(list, request.page_token()));
  }
  TL_ASSIGN_OR_RETURN(const std::vector<AccountRow> rows,
                      parts_.pool.InBusiness(caller.business_id, [&](Transaction& tx) {
                        return ReadAccountPage(tx, after, page_size + 1);
                      }));
  ListProviderAccountsResponse response;
  for (const AccountRow& row : rows) {
    if (response.accounts_size() == page_size) {
      const AccountRow& last = rows[static_cast<size_t>(page_size) - 1];
      response.set_next_page_token(MakePageToken(list, {.time = last.created_at, .id = last.id}));
      break;
    }
    *response.add_accounts() = ShowAccount(row);
  }
  return response;
}

absl::StatusOr<AccountRow> AccountCommands::Update(const rpc::Caller& caller,
                                                   const UpdateProviderAccountRequest& request) {
  TL_ASSIGN_OR_RETURN(const std::set<std::string> fields, FieldsOf(request));
  const std::string& id = request.account().provider_account_id();
  const absl::Time now = InMicros(parts_.clock.Now());
  const auto change = [&](Transaction& tx) -> absl::StatusOr<AccountRow> {
    TL_ASSIGN_OR_RETURN(AccountRow row, Existing(tx, id, /*for_update=*/true));
    if (!request.account().etag().empty() && request.account().etag() != Concat(row.revision)) {
      return Error(absl::StatusCode::kAborted, Reason::REASON_ETAG_MISMATCH,
                   Concat("provider account ", id, " was changed meanwhile; read it again"),
                   {{"etag", Concat(row.revision)}});
    }
    TL_RETURN_IF_ERROR(checks_.Apply(request.account(), fields, &row));
    if (fields.contains("failover_account_ids")) TL_RETURN_IF_ERROR(checks_.CheckFailover(tx, row));
    if (row.is_default) TL_RETURN_IF_ERROR(ClearDefaultAccount(tx, row.id, now));
    TL_RETURN_IF_ERROR(UpdateAccount(tx, row, now));
    TL_RETURN_IF_ERROR(WriteAudit(tx, caller.business_id, caller.actor, "provider_account.update", row.id,
                                  {{"fields", Names(fields)}}));
    ++row.revision;
    row.updated_at = now;
    return row;
  };
  TL_ASSIGN_OR_RETURN(AccountRow updated, parts_.pool.InBusiness(caller.business_id, change));
  parts_.directory.Invalidate();
  return updated;
}

std::map<std::string, std::string> AccountCommands::UrlsToEnter(const AccountRow& account) const {
  return parts_.integrations.UrlsToEnter({.id = account.id,
                                          .business_id = account.business_id,
                                          .provider = account.provider,
                                          .settings = account.settings,
                                          .credentials = {}});
}

absl::StatusOr<std::vector<providers::AccountProblem>> AccountCommands::Validate(const rpc::Caller& caller,
                                                                                 const std::string& account_id) {
  TL_ASSIGN_OR_RETURN(const AccountRow row, Get(caller, account_id));
  if (!parts_.integrations.Has(row.provider)) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_UNKNOWN_PROVIDER,
                 "the account is of a provider that this server was not built with");
  }
  const absl::StatusOr<providers::Account> account = OpenAccount(row, parts_.vault);
  if (!account.ok()) {
    return std::vector<providers::AccountProblem>{{.field = "credentials",
                                                   .reason = "CREDENTIAL_NOT_READABLE",
                                                   .message = std::string(account.status().message())}};
  }
  Stopwatch stopwatch(parts_.clock);
  auto problems = parts_.integrations.CheckLive(*account);
  parts_.metrics.ObserveProvider(row.provider, "check_account", stopwatch.Lap());
  if (!problems.ok()) return ProviderError(problems.status(), "validating the account");
  return *std::move(problems);
}

absl::StatusOr<PhoneNumber> AccountCommands::PutNumber(const rpc::Caller& caller, const PhoneNumber& number) {
  FieldChecks checks;
  checks.Require(telephony::IsE164(number.number()), "phone_number.number", telephony::kMustBeE164);
  checks.RequireUuid(number.provider_account_id(), "phone_number.provider_account_id");
  telephony::CheckCallPlan(number.inbound_plan(), "phone_number.inbound_plan", checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  TL_ASSIGN_OR_RETURN(const auto limits, parts_.directory.LimitsOf(caller.business_id));
  TL_RETURN_IF_ERROR(CheckPlanDestinations(parts_.destinations, limits->destination_rules, number.inbound_plan()));
  const absl::Status status = parts_.pool.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const AccountRow account, Existing(tx, number.provider_account_id(), /*for_update=*/false));
    FieldChecks owner;
    owner.Require(!parts_.integrations.IsTrackingPlatform(account.provider), "phone_number.provider_account_id",
                  "must be no call-tracking account: its numbers are the platform's");
    TL_RETURN_IF_ERROR(owner.Finish());
    TL_RETURN_IF_ERROR(gateway::PutNumber(
        tx, caller.business_id,
        {.number = number.number(),
         .account_id = number.provider_account_id(),
         .is_default = number.is_default(),
         .inbound_plan = number.has_inbound_plan() ? number.inbound_plan().SerializeAsString() : std::string()}));
    return WriteAudit(tx, caller.business_id, caller.actor, "phone_number.put", MaskNumber(number.number()),
                      {{"provider_account_id", number.provider_account_id()}});
  });
  if (status.code() == absl::StatusCode::kAlreadyExists) {
    return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_NUMBER_NOT_OWNED,
                 Concat("number ", MaskNumber(number.number()), " belongs to another business"));
  }
  TL_RETURN_IF_ERROR(status);
  parts_.directory.Invalidate();
  return number;
}

absl::StatusOr<ListPhoneNumbersResponse> AccountCommands::ListNumbers(const rpc::Caller& caller,
                                                                      const ListPhoneNumbersRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  if (!request.provider_account_id().empty()) checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = Concat("phone numbers ", caller.business_id, " ", request.provider_account_id());
  std::string after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadTextPageToken(list, request.page_token()));
  }
  TL_ASSIGN_OR_RETURN(
      const std::vector<NumberRow> rows,
      parts_.pool.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<std::vector<NumberRow>> {
        if (!request.provider_account_id().empty()) {
          TL_RETURN_IF_ERROR(Existing(tx, request.provider_account_id(), /*for_update=*/false).status());
        }
        return ReadNumberPage(tx, request.provider_account_id(), after, page_size + 1);
      }));
  ListPhoneNumbersResponse response;
  for (const NumberRow& row : rows) {
    if (response.phone_numbers_size() == page_size) {
      response.set_next_page_token(MakeTextPageToken(list, rows[static_cast<size_t>(page_size) - 1].number));
      break;
    }
    TL_ASSIGN_OR_RETURN(*response.add_phone_numbers(), ShowNumber(row));
  }
  return response;
}

absl::Status AccountCommands::DeleteNumber(const rpc::Caller& caller, const std::string& number) {
  FieldChecks checks;
  checks.Require(telephony::IsE164(number), "number", telephony::kMustBeE164);
  TL_RETURN_IF_ERROR(checks.Finish());
  TL_RETURN_IF_ERROR(parts_.pool.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const std::optional<std::string> account_id, gateway::DeleteNumber(tx, number));
    if (!account_id.has_value()) {
      return Error(absl::StatusCode::kNotFound, Reason::REASON_NUMBER_NOT_OWNED,
                   Concat("the business has no number ", MaskNumber(number)));
    }
    return WriteAudit(tx, caller.business_id, caller.actor, "phone_number.delete", MaskNumber(number),
                      {{"provider_account_id", *account_id}});
  }));
  parts_.directory.Invalidate();
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
