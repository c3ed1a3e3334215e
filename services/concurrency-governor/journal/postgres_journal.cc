#include "services/concurrency-governor/journal/postgres_journal.h"

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::governor {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr int64_t kLeaderLock = 0x676f7665726e;  // "govern"
constexpr absl::Duration kStatementTimeout = absl::Seconds(10);

// SQL for the time of a number of microseconds; NULL for 0.
std::string TimeOf(std::string_view column) {
  return Concat("CASE WHEN ", column, " > 0 THEN timestamptz 'epoch' + ", column, " * interval '1 microsecond' END");
}

int64_t MicrosOf(absl::Time time) { return time == absl::InfiniteFuture() ? 0 : absl::ToUnixMicros(time); }

// One statement out of several that all hang on the leadership.
class Statement {
 public:
  // Its parameter $1 is the epoch.
  explicit Statement(int64_t epoch, bool renew) : parameters_{epoch} {
    sql_ = renew ? "WITH lead AS (UPDATE governor_leadership SET renewed_at = clock_timestamp() WHERE epoch = $1 "
                   "RETURNING epoch)"
                 : "WITH lead AS MATERIALIZED (SELECT epoch FROM governor_leadership WHERE epoch = $1 FOR SHARE)";
  }

  // The placeholder of a value.
  std::string Add(Parameter parameter) {
    parameters_.push_back(std::move(parameter));
    return Concat("$", parameters_.size());
  }
  void With(std::string_view name, std::string_view sql) { sql_ += Concat(", ", name, " AS (", sql, ")"); }

  absl::StatusOr<Result> Run(Transaction& tx) const {
    return tx.Execute(sql_ + " SELECT count(*) FROM lead", parameters_);
  }

 private:
  std::string sql_;
  std::vector<Parameter> parameters_;
};

constexpr std::string_view kIfLeading = " WHERE EXISTS (SELECT FROM lead)";

void WriteSlots(const std::vector<Slot>& slots, Statement* statement) {
  std::vector<std::string> ids, businesses, requests, accounts, numbers, campaigns, calls;
  std::vector<int64_t> tokens, kinds, granted, expires, released, reasons;
  for (const Slot& slot : slots) {
    ids.push_back(slot.slot_id);
    tokens.push_back(slot.fencing_token);
    businesses.push_back(slot.subject.business_id);
    requests.push_back(slot.request_id);
    kinds.push_back(static_cast<int64_t>(slot.kind));
    accounts.push_back(slot.subject.provider_account_id);
    numbers.push_back(slot.subject.caller_number);
    campaigns.push_back(slot.subject.campaign_id);
    calls.push_back(slot.call_id);
    granted.push_back(absl::ToUnixMicros(slot.granted_at));
    expires.push_back(MicrosOf(slot.expires_at));
    released.push_back(MicrosOf(slot.released_at.value_or(absl::InfiniteFuture())));
    reasons.push_back(static_cast<int64_t>(slot.reason));
  }
  const auto array = [statement](const auto& values, std::string_view type) {
    return Concat(statement->Add(Parameter::Array(values)), "::", type, "[]");
  };
  std::string rows = Concat("unnest(", array(ids, "uuid"), ", ", array(tokens, "bigint"), ", ");
  rows += Concat(array(businesses, "uuid"), ", ", array(requests, "text"), ", ", array(kinds, "smallint"), ", ");
  rows += Concat(array(accounts, "text"), ", ", array(numbers, "text"), ", ", array(campaigns, "text"), ", ");
  rows += Concat(array(calls, "text"), ", ", array(granted, "bigint"), ", ", array(expires, "bigint"), ", ");
  rows += Concat(array(released, "bigint"), ", ", array(reasons, "smallint"), ") AS s(slot_id, token, business_id, ");
  rows += "request_id, kind, account, number, campaign, call_id, granted, expires, released, reason)";
  statement->With("slots", Concat("INSERT INTO active_calls (slot_id, fencing_token, business_id, request_id, kind, "
                                  "provider_account_id, caller_number, campaign_id, call_id, granted_at, expires_at, "
                                  "released_at, release_reason) SELECT slot_id, token, business_id, request_id, kind, "
                                  "account, number, campaign, call_id, ",
                                  TimeOf("granted"), ", ", TimeOf("expires"), ", ", TimeOf("released"),
                                  ", reason FROM ", rows, kIfLeading,
                                  " ON CONFLICT (slot_id) DO UPDATE SET call_id = excluded.call_id, "
                                  "expires_at = excluded.expires_at, released_at = excluded.released_at, "
                                  "release_reason = excluded.release_reason"));
}

// Limits change seldom: one statement each will do.
void WriteLimits(size_t number, const LevelKey& key, const Limits& limits, Statement* statement) {
  std::string values = Concat(statement->Add(static_cast<int>(key.level)), "::smallint, ", statement->Add(key.id));
  for (const Parameter& value : {Parameter(limits.concurrency), Parameter(limits.rates.per_second),
                                 Parameter(limits.rates.per_minute), Parameter(limits.rates.per_hour)}) {
    values += Concat(", ", statement->Add(value), "::integer");
  }
  values += Concat(", ", statement->Add(absl::ToInt64Microseconds(limits.rates.spacing)), "::bigint");
  for (const int value :
       {limits.kept_for_inbound, limits.kept_for_priority, limits.guaranteed, limits.burst, limits.weight}) {
    values += Concat(", ", statement->Add(value), "::integer");
  }
  statement->With(
      Concat("limit_", number),
      Concat(
          "INSERT INTO call_limits AS l (level, subject_id, max_concurrent_calls, per_second, per_minute, per_hour, "
          "spacing_microseconds, kept_for_inbound, kept_for_priority, guaranteed_calls, burst_calls, weight) SELECT ",
          values, kIfLeading,
          " ON CONFLICT (level, subject_id) DO UPDATE SET max_concurrent_calls = excluded.max_concurrent_calls, "
          "per_second = excluded.per_second, per_minute = excluded.per_minute, per_hour = excluded.per_hour, "
          "spacing_microseconds = excluded.spacing_microseconds, kept_for_inbound = excluded.kept_for_inbound, "
          "kept_for_priority = excluded.kept_for_priority, guaranteed_calls = excluded.guaranteed_calls, "
          "burst_calls = excluded.burst_calls, weight = excluded.weight"));
}

void ClearLimits(size_t number, const LevelKey& key, Statement* statement) {
  statement->With(Concat("cleared_", number), Concat("DELETE FROM call_limits", kIfLeading,
                                                     " AND level = ", statement->Add(static_cast<int>(key.level)),
                                                     " AND subject_id = ", statement->Add(key.id)));
}

void WritePositions(const std::string& topic, const Positions& positions, Statement* statement) {
  std::vector<int64_t> partitions, offsets;
  for (const auto& [partition, next_offset] : positions) {
    partitions.push_back(partition);
    offsets.push_back(next_offset);
  }
  const std::string topic_value = statement->Add(topic);
  const std::string partition_values = statement->Add(Parameter::Array(partitions));
  const std::string offset_values = statement->Add(Parameter::Array(offsets));
  statement->With("positions",
                  Concat("INSERT INTO governor_positions (topic, partition, next_offset) SELECT ", topic_value,
                         "::text, p.partition, p.next_offset FROM unnest(", partition_values, "::integer[], ",
                         offset_values, "::bigint[]) AS p(partition, next_offset)", kIfLeading,
                         " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset"));
}

absl::StatusOr<std::vector<Slot>> ReadSlots(Transaction& tx) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT slot_id, fencing_token, business_id, request_id, kind, provider_account_id, "
                        "caller_number, campaign_id, call_id, ",
                        Micros("granted_at"), ", ", Micros("expires_at"), ", ", Micros("released_at"),
                        ", release_reason FROM active_calls")));
  std::vector<Slot> slots;
  slots.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    const absl::Time granted_at = rows.Time(i, 9).value_or(absl::UnixEpoch());
    slots.push_back({.slot_id = rows.String(i, 0),
                     .fencing_token = rows.Integer(i, 1),
                     .request_id = rows.String(i, 3),
                     .subject = {.business_id = rows.String(i, 2),
                                 .provider_account_id = rows.String(i, 5),
                                 .caller_number = rows.String(i, 6),
                                 .campaign_id = rows.String(i, 7)},
                     .kind = static_cast<SlotKind>(rows.Integer(i, 4)),
                     .call_id = rows.String(i, 8),
                     .granted_at = granted_at,
                     .expires_at = rows.Time(i, 10).value_or(absl::InfiniteFuture()),
                     // What was heard since is not journaled: the call is asked about earlier, that is all.
                     .last_news_at = granted_at,
                     .released_at = rows.Time(i, 11),
                     .reason = static_cast<ReleaseReason>(rows.Integer(i, 12))});
  }
  return slots;
}

absl::StatusOr<std::vector<std::pair<LevelKey, Limits>>> ReadLimits(Transaction& tx) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute("SELECT level, subject_id, max_concurrent_calls, per_second, per_minute, per_hour, "
                 "spacing_microseconds, kept_for_inbound, kept_for_priority, guaranteed_calls, burst_calls, weight "
                 "FROM call_limits"));
  const auto number = [&rows](int row, int column) { return static_cast<int>(rows.Integer(row, column)); };
  std::vector<std::pair<LevelKey, Limits>> limits;
  for (int i = 0; i < rows.size(); ++i) {
    Limits value{.rates = {.per_second = number(i, 3),
                           .per_minute = number(i, 4),
                           .per_hour = number(i, 5),
                           .spacing = absl::Microseconds(rows.Integer(i, 6))},
                 .kept_for_inbound = number(i, 7),
                 .kept_for_priority = number(i, 8),
                 .guaranteed = number(i, 9),
                 .burst = number(i, 10),
                 .weight = number(i, 11)};
    if (!rows.IsNull(i, 2)) value.concurrency = number(i, 2);
    limits.push_back({{static_cast<Level>(rows.Integer(i, 0)), rows.String(i, 1)}, value});
  }
  return limits;
}

absl::StatusOr<Positions> ReadPositions(Transaction& tx, const std::string& topic) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT partition, next_offset FROM governor_positions WHERE topic = $1", {topic}));
  Positions positions;
  for (int i = 0; i < rows.size(); ++i) positions[static_cast<int32_t>(rows.Integer(i, 0))] = rows.Integer(i, 1);
  return positions;
}

}  // namespace

absl::StatusOr<Election> PostgresJournal::Stand() {
  if (connection_ == nullptr || !connection_->IsUsable()) {
    connection_.reset();
    TL_ASSIGN_OR_RETURN(connection_, postgres::Connection::Open(options_.url));
    TL_RETURN_IF_ERROR(connection_->transaction().ExecuteScript(
        Concat("SET statement_timeout = ", absl::ToInt64Milliseconds(kStatementTimeout))));
  }
  TL_ASSIGN_OR_RETURN(const Result locked,
                      connection_->transaction().Execute("SELECT pg_try_advisory_lock($1)", {kLeaderLock}));
  Election election;
  if (!locked.Boolean(0, 0)) {
    TL_ASSIGN_OR_RETURN(election.leader, LookAtLeader());
    return election;
  }
  absl::StatusOr<JournalContents> contents = TakeOver();
  if (!contents.ok()) {
    StepDown();
    return contents.status();
  }
  epoch_ = contents->epoch;
  renewed_at_ = clock_.Now();
  election.won = *std::move(contents);
  return election;
}

absl::StatusOr<std::string> PostgresJournal::LookAtLeader() {
  Transaction& tx = connection_->transaction();
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT address, clock_timestamp() - renewed_at > $1 * interval '1 microsecond' "
                                 "FROM governor_leadership",
                                 {absl::ToInt64Microseconds(options_.silence)}));
  if (rows.empty()) return absl::InternalError("governor_leadership has no row; run the migrations");
  if (rows.Boolean(0, 1)) {
    LogWarning("the leader gives no sign of life; its session is ended", {{"leader", rows.String(0, 0)}});
    TL_RETURN_IF_ERROR(
        tx.Execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND "
                   "database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "
                   "classid = ($1::bigint >> 32)::oid AND objid = ($1::bigint & 4294967295)::oid AND objsubid = 1",
                   {kLeaderLock})
            .status());
    return std::string();
  }
  return rows.String(0, 0);
}

absl::StatusOr<JournalContents> PostgresJournal::TakeOver() {
  Transaction& tx = connection_->transaction();
  JournalContents contents;
  connection_->Begin();
  // First, since it waits for a commit of the leader before, and shuts later ones out.
  TL_ASSIGN_OR_RETURN(const Result raised, tx.Execute("UPDATE governor_leadership SET epoch = epoch + 1, address = $1, "
                                                      "renewed_at = clock_timestamp() RETURNING epoch",
                                                      {options_.address}));
  if (raised.empty()) return absl::InternalError("governor_leadership has no row; run the migrations");
  contents.epoch = raised.Integer(0, 0);
  TL_ASSIGN_OR_RETURN(contents.slots, ReadSlots(tx));
  TL_ASSIGN_OR_RETURN(contents.limits, ReadLimits(tx));
  TL_ASSIGN_OR_RETURN(contents.positions, ReadPositions(tx, options_.topic));
  TL_RETURN_IF_ERROR(connection_->Commit());
  return contents;
}

absl::Status PostgresJournal::Commit(const LedgerChanges& changes, const Positions& positions) {
  if (connection_ == nullptr) return absl::FailedPreconditionError("this replica does not lead");
  const absl::Time now = clock_.Now();
  const bool renew = now - renewed_at_ >= options_.sign_of_life;
  if (!renew && changes.empty() && positions.empty()) return absl::OkStatus();
  Statement statement(epoch_, renew);
  if (!changes.slots.empty()) WriteSlots(changes.slots, &statement);
  if (!changes.forgotten.empty()) {
    statement.With("forgotten", Concat("DELETE FROM active_calls", kIfLeading, " AND slot_id = ANY (",
                                       statement.Add(Parameter::Array(changes.forgotten)), "::uuid[])"));
  }
  for (size_t i = 0; i < changes.limits.size(); ++i) {
    WriteLimits(i, changes.limits[i].first, changes.limits[i].second, &statement);
  }
  for (size_t i = 0; i < changes.cleared_limits.size(); ++i) ClearLimits(i, changes.cleared_limits[i], &statement);
  if (!positions.empty()) WritePositions(options_.topic, positions, &statement);
  TL_ASSIGN_OR_RETURN(const Result led, statement.Run(connection_->transaction()));
  if (led.Integer(0, 0) != 1) return absl::FailedPreconditionError("another replica leads by now");
  if (renew) renewed_at_ = now;
  return absl::OkStatus();
}

void PostgresJournal::StepDown() {
  // The server ends a session a moment after its connection; said aloud, the next leader need not wait for that.
  if (connection_ != nullptr && connection_->IsUsable()) {
    connection_->transaction().Execute("SELECT pg_advisory_unlock($1)", {kLeaderLock}).IgnoreError();
  }
  connection_.reset();
}

}  // namespace trunkline::governor
