#include "services/call-tracking-sync/reconciliation/reconciler.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/timestamps.h"
#include "services/call-tracking-sync/reconciliation/discrepancy_rows.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::v1::Reconciliation;

// A provider lists by the beginning of its own record, which may be some minutes from ours.
constexpr absl::Duration kAroundRecords = absl::Minutes(5);

absl::StatusOr<std::vector<ConversationSide>> ReadSides(Transaction& tx, std::string_view condition,
                                                        const std::vector<Parameter>& parameters) {
  const auto part = [&](std::string_view table) {
    return Concat("SELECT state FROM ", table,
                  " WHERE business_id = $1 AND started_at >= $2::timestamptz AND started_at < $3::timestamptz AND ",
                  condition);
  };
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat(part("call_history"), " UNION ALL ", part("call_queue")), parameters));
  std::vector<ConversationSide> sides;
  sides.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    calls::v1::CallState state;
    if (!state.ParseFromString(rows.Bytes(i, 0))) return absl::DataLossError("the state of a call cannot be read");
    sides.push_back(SideOf(telephony::Project(state)));
  }
  return sides;
}

absl::StatusOr<std::set<std::string>> ReadTexts(Transaction& tx, std::string_view sql,
                                                const std::vector<Parameter>& parameters) {
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, parameters));
  std::set<std::string> texts;
  for (int i = 0; i < rows.size(); ++i) texts.insert(rows.String(i, 0));
  return texts;
}

absl::Status NoteDestinations(Transaction& tx, const std::string& business_id,
                              const std::vector<ConversationSide>& tracked, const std::set<std::string>& own_numbers) {
  std::map<std::string, absl::Time> seen;
  for (const ConversationSide& side : tracked) {
    if (!own_numbers.contains(side.forwarded_to)) continue;
    absl::Time& at = seen.try_emplace(side.forwarded_to, absl::InfinitePast()).first->second;
    at = std::max(at, side.started_at);
  }
  for (const auto& [number, at] : seen) {
    TL_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO tracked_destinations AS d (business_id, number, seen_at) VALUES ($1, $2, "
                   "$3) ON CONFLICT (business_id, number) DO UPDATE SET seen_at = greatest(d.seen_at, "
                   "excluded.seen_at)",
                   {business_id, number, at})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace

struct Reconciler::Held {
  Reconciliation reconciliation;
  std::string business_id;
  int64_t holding = 0;
  int tries = 0;
  absl::Time from;  // of the part under way
  absl::Time before;

  bool is_any() const { return holding > 0; }
};

absl::StatusOr<bool> Reconciler::Work() {
  TL_ASSIGN_OR_RETURN(Held held, TakeUp());
  if (!held.is_any()) return false;
  TL_ASSIGN_OR_RETURN(Conversations conversations, Load(held));
  TL_ASSIGN_OR_RETURN(const bool asked, AskProviders(held, &conversations));
  if (asked) TL_RETURN_IF_ERROR(Conclude(std::move(held), conversations));
  return asked;
}

absl::StatusOr<Reconciler::Held> Reconciler::TakeUp() {
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Held> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("UPDATE reconciliations SET state = 2, holding = holding + 1, held_until = $2::timestamptz ",
                   "WHERE reconciliation_id = (SELECT reconciliation_id FROM reconciliations WHERE state IN ",
                   "(1, 2) AND held_until <= $1::timestamptz ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED) ",
                   "RETURNING ", ReconciliationColumns(), ", business_id, holding, tries"),
            {now, now + options_.holding}));
    Held held;
    if (rows.empty()) return held;
    held.reconciliation = ReconciliationOfRow(rows, 0);
    held.business_id = rows.String(0, 10);
    held.holding = rows.Integer(0, 11);
    held.tries = static_cast<int>(rows.Integer(0, 12));
    held.from = telephony::FromProto(held.reconciliation.reconciled_until());
    held.before = std::min(telephony::FromProto(held.reconciliation.range_end()), held.from + options_.part);
    return held;
  });
}

absl::StatusOr<Conversations> Reconciler::Load(const Held& held) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Conversations> {
    Conversations all;
    all.business_id = held.business_id;
    all.judged_from = held.from;
    all.judged_before = held.before;
    const absl::Time from = held.from - options_.around;
    const absl::Time before = held.before + options_.around;
    TL_ASSIGN_OR_RETURN(all.tracked, ReadSides(tx, "provider = ANY ($4::text[])",
                                               {held.business_id, from, before, Parameter::Array(options_.platforms)}));
    TL_ASSIGN_OR_RETURN(
        all.own_numbers,
        ReadTexts(tx, "SELECT number FROM business_phone_numbers WHERE business_id = $1", {held.business_id}));
    TL_RETURN_IF_ERROR(NoteDestinations(tx, held.business_id, all.tracked, all.own_numbers));
    TL_ASSIGN_OR_RETURN(all.tracked_numbers,
                        ReadTexts(tx,
                                  "SELECT number FROM tracked_destinations WHERE business_id = $1 AND seen_at > "
                                  "$2::timestamptz",
                                  {held.business_id, held.from - options_.destinations_for}));
    TL_ASSIGN_OR_RETURN(
        all.carried,
        ReadSides(
            tx, "NOT provider = ANY ($4::text[]) AND direction = 'inbound' AND to_number = ANY ($5::text[])",
            {held.business_id, from, before, Parameter::Array(options_.platforms),
             Parameter::Array(std::vector<std::string>(all.tracked_numbers.begin(), all.tracked_numbers.end()))}));
    return all;
  });
}

absl::StatusOr<bool> Reconciler::AskProviders(Held& held, Conversations* conversations) {
  // Whose numbers they are; a number may have moved, and its calls tell where it was.
  std::set<std::pair<std::string, std::string>> account_numbers;
  for (const ConversationSide& carried : conversations->carried) {
    account_numbers.emplace(carried.account_id, carried.to);
  }
  TL_RETURN_IF_ERROR(pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT provider_account_id, number FROM business_phone_numbers "
                                                      "WHERE business_id = $1",
                                                      {held.business_id}));
    for (int i = 0; i < rows.size(); ++i) {
      if (conversations->tracked_numbers.contains(rows.String(i, 1))) {
        account_numbers.emplace(rows.String(i, 0), rows.String(i, 1));
      }
    }
    return absl::OkStatus();
  }));
  std::set<std::string> not_asked;
  for (const auto& [account_id, number] : account_numbers) {
    if (not_asked.contains(account_id)) continue;
    const absl::StatusOr<std::vector<ConversationSide>> records =
        records_.List({.business_id = held.business_id,
                       .account_id = account_id,
                       .to = number,
                       .created_since = held.from - kAroundRecords,
                       .created_before = held.before + kAroundRecords});
    if (records.ok()) {
      conversations->provider.insert(conversations->provider.end(), records->begin(), records->end());
      conversations->asked_accounts.insert(account_id);
      continue;
    }
    if (absl::IsUnavailable(records.status()) && held.tries + 1 < options_.most_tries) {
      const absl::Time now = InMicros(clock_.Now());
      TL_RETURN_IF_ERROR(pool_.InTransaction([&](Transaction& tx) {
        return tx
            .Execute(
                "UPDATE reconciliations SET tries = tries + 1, held_until = $3::timestamptz, error = $4 WHERE "
                "reconciliation_id = $1 AND holding = $2",
                {held.reconciliation.reconciliation_id(), held.holding, now + absl::Minutes(1),
                 ToStd(records.status().message())})
            .status();
      }));
      return false;
    }
    LogWarning("a reconciliation goes without a provider's records",
               {{"account", account_id}, {"error", records.status()}});
    not_asked.insert(account_id);
  }
  for (const std::string& account_id : not_asked) {
    conversations->asked_accounts.erase(account_id);
    auto* all = held.reconciliation.mutable_accounts_not_asked();
    if (std::find(all->begin(), all->end(), account_id) == all->end()) *all->Add() = account_id;
  }
  return true;
}

absl::Status Reconciler::Conclude(Held held, const Conversations& conversations) {
  const ReconciliationOutcome outcome = Reconcile(conversations, options_.rules);
  Reconciliation& reconciliation = held.reconciliation;
  reconciliation.set_tracked_calls(reconciliation.tracked_calls() + outcome.tracked_calls);
  reconciliation.set_matched(reconciliation.matched() + outcome.matched);
  reconciliation.set_discrepancies(reconciliation.discrepancies() + static_cast<int64_t>(outcome.discrepancies.size()));
  for (const auto& discrepancy : outcome.discrepancies) {
    AddAtStake(discrepancy.at_stake(), reconciliation.mutable_at_stake());
  }
  const bool is_through = held.before >= telephony::FromProto(reconciliation.range_end());
  if (is_through) reconciliation.set_state(tracking::v1::CHECK_STATE_FINISHED);
  const absl::Time now = InMicros(clock_.Now());
  TL_RETURN_IF_ERROR(pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(
        const Result updated,
        tx.Execute(
            "UPDATE reconciliations SET reconciled_until = $3, state = $4, progress = $5, tries = 0, error = '', "
            "held_until = $6::timestamptz, ended_at = $7::timestamptz WHERE reconciliation_id = $1 AND holding = "
            "$2 AND state = 2",
            {reconciliation.reconciliation_id(), held.holding, held.before, static_cast<int>(reconciliation.state()),
             Parameter::Bytes(ProgressOf(reconciliation)), now, is_through ? std::optional(now) : std::nullopt}));
    if (updated.affected() == 0) return absl::AbortedError("another replica took the reconciliation up");
    return PutDiscrepancies(tx,
                            {.business_id = held.business_id,
                             .from = held.from,
                             .before = held.before,
                             .asked_accounts = conversations.asked_accounts},
                            outcome.discrepancies, now);
  }));
  if (is_through) on_end_(reconciliation);
  return absl::OkStatus();
}

absl::Status Reconciler::Schedule() {
  const absl::Time now = InMicros(clock_.Now());
  const std::string day = absl::FormatTime("%Y-%m-%d", now, absl::UTCTimeZone());
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute("SELECT DISTINCT business_id FROM sync_status WHERE last_successful_sync_at IS NOT "
                                   "NULL AND is_wanted"));
    for (int i = 0; i < rows.size(); ++i) {
      const std::string name = Concat(rows.Text(i, 0), " ", day);
      NewReconciliation wanted = {.business_id = rows.String(i, 0),
                                  .request_id = UuidOfName("scheduled reconciliation", name),
                                  .actor = "call-tracking-sync"};
      wanted.reconciliation.set_reconciliation_id(UuidOfName("reconciliation", name));
      wanted.reconciliation.set_trigger(tracking::v1::CHECK_TRIGGER_DAILY);
      *wanted.reconciliation.mutable_range_start() = telephony::ToProto(now - options_.grace - absl::Hours(24));
      *wanted.reconciliation.mutable_range_end() = telephony::ToProto(now - options_.grace);
      TL_RETURN_IF_ERROR(InsertReconciliation(tx, wanted, now));
    }
    return absl::OkStatus();
  });
}

}  // namespace trunkline::tracking_sync
