#include "services/concurrency-governor/journal/postgres_journal.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/concurrency-governor/journal/slot_lines.h"

namespace trunkline::governor {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr int64_t kLeaderLock = 0x676f7665726e;  // "govern"
constexpr absl::Duration kStatementTimeout = absl::Seconds(10);
// Of the lines of a row, so that it fits into a page: what is longer is kept elsewhere, in pieces of 2 kB with an
// index.
constexpr size_t kLongestRow = 8'000;

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

// Lines, row by row.
class JournalRows {
 public:
  explicit JournalRows(int64_t first_line) : line_(first_line - 1) {}

  void Add(const std::vector<Slot>& slots, void (*append)(const Slot&, std::string*)) {
    for (const Slot& slot : slots) {
      next_.clear();
      append(slot, &next_);
      if (lines_.empty() || lines_.back().size() + next_.size() >= kLongestRow) {
        lines_.emplace_back().reserve(kLongestRow);
        last_lines_.emplace_back();
      } else {
        lines_.back().push_back('\n');
      }
      lines_.back() += next_;
      last_lines_.back() = ++line_;
    }
  }
  Parameter lines() const { return Parameter::Texts({lines_.begin(), lines_.end()}); }
  Parameter last_lines() const { return Parameter::Bigints(last_lines_); }

 private:
  int64_t line_;
  std::string next_;
  std::vector<std::string> lines_;
  std::vector<int64_t> last_lines_;
};

void WriteLines(const LedgerChanges& changes, Statement* statement) {
  JournalRows rows(changes.first_line);
  rows.Add(changes.slots, &AppendWholeLine);
  rows.Add(changes.ended, &AppendEndLine);
  rows.Add(changes.written_again, &AppendWholeLine);
  const std::string last_lines = statement->Add(rows.last_lines());
  statement->With("written", Concat("INSERT INTO slot_journal (last_line, lines) SELECT * FROM unnest(", last_lines,
                                    "::bigint[], ", statement->Add(rows.lines()), "::text[])", kIfLeading));
}

void DeleteLines(int64_t from, int64_t needed_from, Statement* statement) {
  // The lower bound spares it the way over rows that went before and are still in the index.
  const std::string first = statement->Add(from);
  statement->With("deleted", Concat("DELETE FROM slot_journal", kIfLeading, " AND last_line >= ", first,
                                    " AND last_line < ", statement->Add(needed_from)));
}

void WriteLearned(const LearnedCeilings& learned, Statement* statement) {
  std::vector<std::string_view> accounts;
  std::vector<int32_t> calls;
  std::vector<std::optional<absl::Time>> since;
  for (const auto& [account_id, ceiling] : learned) {
    accounts.emplace_back(account_id);
    calls.push_back(ceiling.calls);
    since.emplace_back(ceiling.since);
  }
  const std::string account_values = statement->Add(Parameter::Texts(accounts));
  const std::string call_values = statement->Add(Parameter::Integers(calls));
  const std::string since_values = statement->Add(Parameter::Times(since));
  statement->With("learned", Concat("INSERT INTO learned_ceilings (provider_account_id, calls, learned_at) SELECT "
                                    "l.account_id, l.calls, l.learned_at FROM unnest(",
                                    account_values, "::text[], ", call_values, "::integer[], ", since_values,
                                    "::timestamptz[]) AS l(account_id, calls, learned_at)", kIfLeading,
                                    " ON CONFLICT (provider_account_id) DO UPDATE SET calls = excluded.calls, "
                                    "learned_at = excluded.learned_at"));
}

void ForgetRisen(const std::vector<std::string>& accounts, Statement* statement) {
  statement->With("risen", Concat("DELETE FROM learned_ceilings", kIfLeading, " AND provider_account_id = ANY (",
                                  statement->Add(Parameter::Array(accounts)), "::text[])"));
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

absl::StatusOr<JournaledSlots> ReadSlots(Transaction& tx) {
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT last_line, lines FROM slot_journal ORDER BY last_line"));
  JournaledSlots slots;
  for (int i = 0; i < rows.size(); ++i) {
    const std::vector<std::string_view> lines = Split(rows.Text(i, 1), '\n');
    int64_t number = rows.Integer(i, 0) - static_cast<int64_t>(lines.size());
    for (const std::string_view line : lines) {
      ++number;
      if (IsEndLine(line)) {
        TL_ASSIGN_OR_RETURN(const SlotEnd end, EndOfLine(line));
        slots.ReadEnd(number, ToAbsl(SlotIdOfLine(line)), end);
      } else {
        TL_ASSIGN_OR_RETURN(Slot slot, SlotOfLine(line));
        slots.ReadWhole(number, std::move(slot));
      }
    }
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

absl::StatusOr<LearnedCeilings> ReadLearned(Transaction& tx) {
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(Concat("SELECT provider_account_id, calls, ", Micros("learned_at"),
                                                           " FROM learned_ceilings")));
  LearnedCeilings learned;
  for (int i = 0; i < rows.size(); ++i) {
    const LearnedCeiling ceiling{.calls = static_cast<int>(rows.Integer(i, 1)),
                                 .since = rows.Time(i, 2).value_or(absl::UnixEpoch())};
    learned.emplace_back(rows.String(i, 0), ceiling);
  }
  return learned;
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
  deleted_until_ = 0;
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
  TL_ASSIGN_OR_RETURN(contents.learned, ReadLearned(tx));
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
  if (!changes.slots.empty() || !changes.ended.empty()) WriteLines(changes, &statement);
  if (changes.needed_from > deleted_until_) DeleteLines(deleted_until_, changes.needed_from, &statement);
  if (!changes.learned.empty()) WriteLearned(changes.learned, &statement);
  if (!changes.risen.empty()) ForgetRisen(changes.risen, &statement);
  for (size_t i = 0; i < changes.limits.size(); ++i) {
    WriteLimits(i, changes.limits[i].first, changes.limits[i].second, &statement);
  }
  for (size_t i = 0; i < changes.cleared_limits.size(); ++i) ClearLimits(i, changes.cleared_limits[i], &statement);
  if (!positions.empty()) WritePositions(options_.topic, positions, &statement);
  TL_ASSIGN_OR_RETURN(const Result led, statement.Run(connection_->transaction()));
  if (led.Integer(0, 0) != 1) return absl::FailedPreconditionError("another replica leads by now");
  if (renew) renewed_at_ = now;
  deleted_until_ = std::max(deleted_until_, changes.needed_from);
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
