#include "services/call-tracking-sync/reconciliation/discrepancy_rows.h"

#include <map>
#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

using calls::v1::Money;
using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::v1::CallDiscrepancy;
using tracking::v1::MoneyAtStake;
using tracking::v1::Reconciliation;

// What is said, whenever it is said.
std::string ContentOf(CallDiscrepancy discrepancy) {
  discrepancy.clear_found_at();
  discrepancy.clear_told_at();
  discrepancy.clear_version();
  return discrepancy.SerializeAsString();
}

bool DependsOnProvider(const CallDiscrepancy& discrepancy) {
  switch (discrepancy.kind()) {
    case tracking::v1::DISCREPANCY_KIND_NOT_AT_PROVIDER:
    case tracking::v1::DISCREPANCY_KIND_NOT_RECORDED:
    case tracking::v1::DISCREPANCY_KIND_PROVIDER_DIFFERS:
      return true;
    default:
      return false;
  }
}

std::optional<int64_t> MicrosOf(bool has, const Money& money) {
  return has ? std::optional(money.micros()) : std::nullopt;
}

// The only currency, where there is one.
std::string CurrencyOf(const MoneyAtStake& money) {
  for (const Money* amount : {&money.revenue(), &money.payout(), &money.cost()}) {
    if (!amount->currency().empty()) return amount->currency();
  }
  return {};
}

absl::Status Tell(Transaction& tx, const CallDiscrepancy& discrepancy) {
  const MoneyAtStake& money = discrepancy.at_stake();
  const std::string bytes = discrepancy.SerializeAsString();
  TL_RETURN_IF_ERROR(
      tx.Execute(
            "INSERT INTO call_discrepancies AS d (discrepancy_id, business_id, kind, state, started_at, "
            "tracking_call_id, telephony_call_id, revenue_micros, payout_micros, cost_micros, currency, discrepancy, "
            "found_at, told_at) VALUES ($1, $2, $3, $4, $5, $6::uuid, $7::uuid, $8, $9, $10, $11, $12, $13, $14) ON "
            "CONFLICT (discrepancy_id) DO UPDATE SET state = excluded.state, started_at = excluded.started_at, "
            "revenue_micros = excluded.revenue_micros, payout_micros = excluded.payout_micros, cost_micros = "
            "excluded.cost_micros, currency = excluded.currency, discrepancy = excluded.discrepancy, told_at = "
            "excluded.told_at",
            {discrepancy.discrepancy_id(), discrepancy.business_id(), static_cast<int>(discrepancy.kind()),
             static_cast<int>(discrepancy.state()), telephony::FromProto(discrepancy.started_at()),
             Parameter::TextOrNull(discrepancy.tracking_call_id()),
             Parameter::TextOrNull(discrepancy.telephony_call_id()), MicrosOf(money.has_revenue(), money.revenue()),
             MicrosOf(money.has_payout(), money.payout()), MicrosOf(money.has_cost(), money.cost()),
             Parameter::TextOrNull(CurrencyOf(money)), Parameter::Bytes(bytes),
             telephony::FromProto(discrepancy.found_at()), telephony::FromProto(discrepancy.told_at())})
          .status());
  return tx
      .Execute("INSERT INTO call_discrepancies_outbox (business_id, message) VALUES ($1, $2)",
               {discrepancy.business_id(), Parameter::Bytes(bytes)})
      .status();
}

void AddTo(const Money& amount, Money* sum) {
  sum->set_currency(amount.currency());
  sum->set_micros(sum->micros() + amount.micros());
}

MoneyAtStake* SumOf(const std::string& currency, google::protobuf::RepeatedPtrField<MoneyAtStake>* sums) {
  for (MoneyAtStake& sum : *sums) {
    if (CurrencyOf(sum) == currency) return &sum;
  }
  return sums->Add();
}

}  // namespace

std::string ReconciliationColumns() {
  return Concat("reconciliation_id, ", Micros("range_from"), ", ", Micros("range_to"), ", trigger, state, ",
                Micros("reconciled_until"), ", progress, error, ", Micros("created_at"), ", ", Micros("ended_at"));
}

Reconciliation ReconciliationOfRow(const Result& rows, int row) {
  Reconciliation reconciliation;
  reconciliation.ParseFromString(rows.Bytes(row, 6));
  reconciliation.set_reconciliation_id(rows.String(row, 0));
  *reconciliation.mutable_range_start() = telephony::ToProto(*rows.Time(row, 1));
  *reconciliation.mutable_range_end() = telephony::ToProto(*rows.Time(row, 2));
  reconciliation.set_trigger(static_cast<tracking::v1::CheckTrigger>(rows.Integer(row, 3)));
  reconciliation.set_state(static_cast<tracking::v1::CheckState>(rows.Integer(row, 4)));
  *reconciliation.mutable_reconciled_until() = telephony::ToProto(*rows.Time(row, 5));
  reconciliation.set_error(rows.String(row, 7));
  *reconciliation.mutable_created_at() = telephony::ToProto(*rows.Time(row, 8));
  if (const auto ended_at = rows.Time(row, 9)) *reconciliation.mutable_ended_at() = telephony::ToProto(*ended_at);
  return reconciliation;
}

absl::StatusOr<Reconciliation> ReadReconciliation(Transaction& tx, std::string_view business_id,
                                                  std::string_view reconciliation_id) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", ReconciliationColumns(),
                                        " FROM reconciliations WHERE reconciliation_id = $1 AND business_id = $2"),
                                 {reconciliation_id, business_id}));
  if (rows.empty()) {
    return Error(absl::StatusCode::kNotFound, Reason::REASON_CHECK_NOT_FOUND,
                 Concat("no reconciliation ", reconciliation_id),
                 {{"reconciliation_id", std::string(reconciliation_id)}});
  }
  return ReconciliationOfRow(rows, 0);
}

std::string ProgressOf(const Reconciliation& reconciliation) {
  Reconciliation progress;
  progress.set_tracked_calls(reconciliation.tracked_calls());
  progress.set_matched(reconciliation.matched());
  progress.set_discrepancies(reconciliation.discrepancies());
  *progress.mutable_at_stake() = reconciliation.at_stake();
  *progress.mutable_accounts_not_asked() = reconciliation.accounts_not_asked();
  return progress.SerializeAsString();
}

absl::Status InsertReconciliation(Transaction& tx, const NewReconciliation& wanted, absl::Time now) {
  return tx
      .Execute(
          "INSERT INTO reconciliations (reconciliation_id, business_id, range_from, range_to, trigger, request_id, "
          "actor, reconciled_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $3, $8) ON CONFLICT "
          "(business_id, request_id) DO NOTHING",
          {wanted.reconciliation.reconciliation_id(), wanted.business_id,
           telephony::FromProto(wanted.reconciliation.range_start()),
           telephony::FromProto(wanted.reconciliation.range_end()), static_cast<int>(wanted.reconciliation.trigger()),
           wanted.request_id, wanted.actor, now})
      .status();
}

absl::Status PutDiscrepancies(Transaction& tx, const JudgedPart& part, const std::vector<CallDiscrepancy>& found,
                              absl::Time now) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT discrepancy FROM call_discrepancies WHERE business_id = $1 AND started_at >= "
                                 "$2::timestamptz AND started_at < $3::timestamptz FOR UPDATE",
                                 {part.business_id, part.from, part.before}));
  std::map<std::string, CallDiscrepancy> known;
  for (int i = 0; i < rows.size(); ++i) {
    CallDiscrepancy discrepancy;
    if (!discrepancy.ParseFromString(rows.Bytes(i, 0))) return absl::DataLossError("a discrepancy cannot be read");
    known[discrepancy.discrepancy_id()] = std::move(discrepancy);
  }
  for (CallDiscrepancy discrepancy : found) {
    const auto before = known.find(discrepancy.discrepancy_id());
    const bool is_new = before == known.end();
    const bool is_same = !is_new && ContentOf(before->second) == ContentOf(discrepancy);
    if (!is_same) {
      *discrepancy.mutable_found_at() = is_new ? telephony::ToProto(now) : before->second.found_at();
      *discrepancy.mutable_told_at() = telephony::ToProto(now);
      discrepancy.set_version(is_new ? 1 : before->second.version() + 1);
      TL_RETURN_IF_ERROR(Tell(tx, discrepancy));
    }
    if (!is_new) known.erase(before);
  }
  for (auto& [id, discrepancy] : known) {
    if (discrepancy.state() != tracking::v1::DISCREPANCY_STATE_OPEN) continue;
    if (DependsOnProvider(discrepancy) && !part.asked_accounts.contains(discrepancy.telephony_account_id())) continue;
    discrepancy.set_state(tracking::v1::DISCREPANCY_STATE_RESOLVED);
    *discrepancy.mutable_told_at() = telephony::ToProto(now);
    discrepancy.set_version(discrepancy.version() + 1);
    TL_RETURN_IF_ERROR(Tell(tx, discrepancy));
  }
  return absl::OkStatus();
}

void AddAtStake(const MoneyAtStake& money, google::protobuf::RepeatedPtrField<MoneyAtStake>* sums) {
  if (money.has_revenue()) AddTo(money.revenue(), SumOf(money.revenue().currency(), sums)->mutable_revenue());
  if (money.has_payout()) AddTo(money.payout(), SumOf(money.payout().currency(), sums)->mutable_payout());
  if (money.has_cost()) AddTo(money.cost(), SumOf(money.cost().currency(), sums)->mutable_cost());
}

}  // namespace trunkline::tracking_sync
