#include "services/campaign-scheduler/store/campaign_commit.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/records/campaign_transition.h"
#include "services/campaign-scheduler/rules/campaign_state.h"
#include "services/campaign-scheduler/rules/disposition.h"
#include "services/campaign-scheduler/store/campaign_rows.h"

namespace trunkline::scheduler {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr std::string_view kOwner = "campaign-scheduler";
// See the trigger of the table suppression.
constexpr std::string_view kDecisionLock = "8319679514894758771";

std::string TimeOf(std::string_view micros) {
  return Concat("CASE WHEN ", micros, " > 0 THEN timestamptz 'epoch' + ", micros, " * interval '1 microsecond' END");
}

std::vector<std::string_view> ViewsOf(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

v1::Decision DenialOf(v1::CallRule rule, absl::Time now) {
  v1::Decision decision;
  *decision.mutable_decided_at() = telephony::ToProto(now);
  decision.set_rule(rule);
  return decision;
}

// One statement out of several parts, each a common table expression that writes.
class Statement {
 public:
  explicit Statement(const Ownership& ownership) : parameters_{ownership.campaign_id, ownership.business_id} {}

  std::string Add(Parameter parameter) {
    parameters_.push_back(std::move(parameter));
    return Concat("$", parameters_.size());
  }
  void With(std::string_view name, std::string_view sql) {
    sql_ += Concat(sql_.empty() ? "WITH " : ", ", name, " AS (", sql, ")");
  }
  absl::StatusOr<Result> Run(Transaction& tx, std::string_view last) const {
    return tx.Execute(Concat(sql_, " ", last), parameters_);
  }

 private:
  std::string sql_;
  std::vector<Parameter> parameters_;
};

void AddAttempts(const std::vector<std::pair<const PlannedAttempt*, std::string>>& attempts, int64_t epoch,
                 absl::Time now, absl::Time dial_before, Statement* statement) {
  std::vector<UuidNumber> ids, contacts, slots;
  std::vector<int64_t> positions;
  std::vector<int32_t> numbers;
  std::vector<std::string_view> to, decisions;
  for (const auto& [attempt, decision] : attempts) {
    const v1::Contact& contact = attempt->contact.record;
    ids.push_back(NumberOfUuid(attempt->attempt_id));
    contacts.push_back(NumberOfUuid(contact.contact_id()));
    slots.push_back(NumberOfUuid(attempt->slot_id));
    positions.push_back(contact.position());
    numbers.push_back(attempt->number);
    to.push_back(contact.number());
    decisions.push_back(decision);
  }
  std::string rows = Concat(statement->Add(Parameter::Uuids(ids)), "::uuid[], ");
  rows += Concat(statement->Add(Parameter::Uuids(contacts)), "::uuid[], ");
  rows += Concat(statement->Add(Parameter::Uuids(slots)), "::uuid[], ");
  rows += Concat(statement->Add(Parameter::Bigints(positions)), "::bigint[], ");
  rows += Concat(statement->Add(Parameter::Integers(numbers)), "::integer[], ");
  rows += Concat(statement->Add(Parameter::Texts(to)), "::text[], ");
  rows += Concat(statement->Add(Parameter::ByteStrings(decisions)), "::bytea[]");
  statement->With(
      "started", Concat("INSERT INTO attempts (attempt_id, contact_id, slot_id, position, number, to_number, decision, "
                        "campaign_id, business_id, epoch, committed_at, dial_before) SELECT a.*, $1, $2, ",
                        statement->Add(epoch), "::bigint, ", statement->Add(now), "::timestamptz, ",
                        statement->Add(dial_before), "::timestamptz FROM unnest(", rows,
                        ") AS a(attempt_id, contact_id, slot_id, position, number, to_number, decision)"));
}

// Attempts whose call was told, and those that ended; each attempt once.
void TellAttempts(const CommitBatch& batch, Statement* statement) {
  struct Row {
    std::string_view call_id;
    const AttemptEnding* ending = nullptr;
    std::string outcome;
  };
  std::map<std::string_view, Row> told;
  for (const CallTold& call : batch.calls) told[call.attempt_id].call_id = call.call_id;
  for (const AttemptEnding& ending : batch.endings) {
    Row& row = told[ending.attempt_id];
    row.ending = &ending;
    row.outcome = ending.outcome.SerializeAsString();
    if (!ending.call_id.empty()) row.call_id = ending.call_id;
  }
  std::vector<UuidNumber> ids;
  std::vector<std::string_view> calls, outcomes;
  std::vector<int32_t> dispositions;
  std::vector<int64_t> ended, talked;
  for (const auto& [attempt_id, row] : told) {
    ids.push_back(NumberOfUuid(attempt_id));
    calls.push_back(row.call_id);
    outcomes.push_back(row.outcome);
    dispositions.push_back(row.ending == nullptr ? 0 : row.ending->disposition);
    ended.push_back(row.ending == nullptr ? 0 : absl::ToUnixMicros(row.ending->ended_at));
    talked.push_back(row.ending == nullptr ? 0 : absl::ToInt64Milliseconds(row.ending->talk));
  }
  std::string rows = Concat(statement->Add(Parameter::Uuids(ids)), "::uuid[], ");
  rows += Concat(statement->Add(Parameter::Texts(calls)), "::text[], ");
  rows += Concat(statement->Add(Parameter::Integers(dispositions)), "::integer[], ");
  rows += Concat(statement->Add(Parameter::Bigints(ended)), "::bigint[], ");
  rows += Concat(statement->Add(Parameter::Bigints(talked)), "::bigint[], ");
  rows += Concat(statement->Add(Parameter::ByteStrings(outcomes)), "::bytea[]");
  statement->With(
      "told", Concat("UPDATE attempts t SET call_id = coalesce(nullif(r.call_id, '')::uuid, t.call_id), disposition = "
                     "r.disposition, ended_at = ",
                     TimeOf("r.ended"), ", talk_milliseconds = r.talked, outcome = r.outcome FROM unnest(", rows,
                     ") AS r(attempt_id, call_id, disposition, ended, talked, outcome) WHERE t.attempt_id = "
                     "r.attempt_id AND t.disposition = 0"));
}

void CountHours(const std::vector<AttemptEnding>& endings, Statement* statement) {
  struct Count {
    int64_t attempts = 0;
    int64_t talked = 0;
  };
  std::map<std::tuple<int64_t, int, int>, Count> counts;
  for (const AttemptEnding& ending : endings) {
    const int64_t hour = absl::ToUnixSeconds(ending.ended_at) / 3600 * 3600;
    Count& count = counts[{hour, ending.local_hour, ending.disposition}];
    ++count.attempts;
    count.talked += absl::ToInt64Milliseconds(ending.talk);
  }
  std::vector<int64_t> hours, attempts, talked;
  std::vector<int32_t> local_hours, dispositions;
  for (const auto& [key, count] : counts) {
    hours.push_back(std::get<0>(key) * 1'000'000);
    local_hours.push_back(std::get<1>(key));
    dispositions.push_back(std::get<2>(key));
    attempts.push_back(count.attempts);
    talked.push_back(count.talked);
  }
  std::string rows = Concat(statement->Add(Parameter::Bigints(hours)), "::bigint[], ");
  rows += Concat(statement->Add(Parameter::Integers(local_hours)), "::integer[], ");
  rows += Concat(statement->Add(Parameter::Integers(dispositions)), "::integer[], ");
  rows += Concat(statement->Add(Parameter::Bigints(attempts)), "::bigint[], ");
  rows += Concat(statement->Add(Parameter::Bigints(talked)), "::bigint[]");
  statement->With("hours",
                  Concat("INSERT INTO campaign_hours AS h (campaign_id, business_id, hour, local_hour, "
                         "disposition, attempts, talk_milliseconds) SELECT $1, $2, ",
                         TimeOf("r.hour"), ", r.local_hour, r.disposition, r.attempts, r.talked FROM unnest(", rows,
                         ") AS r(hour, local_hour, disposition, attempts, talked) ON CONFLICT (campaign_id, "
                         "hour, local_hour, disposition) DO UPDATE SET attempts = h.attempts + "
                         "excluded.attempts, talk_milliseconds = h.talk_milliseconds + "
                         "excluded.talk_milliseconds"));
}

void DropOutcomes(const CommitBatch& batch, Statement* statement) {
  std::vector<UuidNumber> ids;
  ids.reserve(batch.endings.size());
  for (const AttemptEnding& ending : batch.endings) ids.push_back(NumberOfUuid(ending.attempt_id));
  for (const std::string& attempt_id : batch.known_outcomes) ids.push_back(NumberOfUuid(attempt_id));
  statement->With("dropped", Concat("DELETE FROM attempt_outcomes WHERE attempt_id = ANY (",
                                    statement->Add(Parameter::Uuids(ids)), "::uuid[])"));
}

}  // namespace

absl::StatusOr<CommitResult> CampaignCommit::Run() {
  TL_ASSIGN_OR_RETURN(const bool owner, PassFence());
  if (!owner) {
    result_.fenced = true;
    return result_;
  }
  TL_RETURN_IF_ERROR(DecideAttempts());
  TL_RETURN_IF_ERROR(TakeBackDials());
  CollectMoves();
  TL_RETURN_IF_ERROR(MoveContacts());
  TL_RETURN_IF_ERROR(Write());
  if (campaign().state != v1::CAMPAIGN_STATE_RUNNING) return result_;
  if (unfinished_ == 0 && total_ > 0 && !campaign().settings.keep_open()) {
    TL_RETURN_IF_ERROR(Transit(v1::CAMPAIGN_STATE_COMPLETED, kOwner, "every contact is finished"));
  } else if (batch_.stop.has_value()) {
    TL_RETURN_IF_ERROR(Transit(batch_.stop->to, batch_.stop->actor, batch_.stop->reason));
  }
  return result_;
}

absl::StatusOr<bool> CampaignCommit::PassFence() {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx_.Execute(
          Concat("SELECT c.state, c.version, CASE WHEN c.version <> $3 THEN c.settings END, ",
                 Micros("clock_timestamp()"), ", p.event_sequence, pg_advisory_xact_lock_shared(", kDecisionLock,
                 ") FROM campaign_progress p JOIN campaigns c USING (campaign_id) WHERE campaign_id = $1 AND "
                 "p.epoch = $2 FOR UPDATE OF p FOR SHARE OF c"),
          {ownership_.campaign_id, ownership_.epoch, given_.version}));
  if (rows.empty()) return false;
  if (rows.Integer(0, 1) != given_.version) {
    TL_ASSIGN_OR_RETURN(result_.campaign, MakeCampaign(ownership_.campaign_id, ownership_.business_id,
                                                       static_cast<v1::CampaignState>(rows.Integer(0, 0)),
                                                       rows.Integer(0, 1), rows.Bytes(0, 2), blocked_prefixes_));
  }
  result_.now = rows.Time(0, 3).value_or(absl::UnixEpoch());
  events_.emplace(ownership_.campaign_id, ownership_.business_id, std::string(kOwner), rows.Integer(0, 4), result_.now);
  return true;
}

absl::Status CampaignCommit::DecideAttempts() {
  if (batch_.attempts.empty()) return absl::OkStatus();
  if (campaign().state != v1::CAMPAIGN_STATE_RUNNING) {
    for (const PlannedAttempt& attempt : batch_.attempts) {
      result_.denied.push_back({attempt.attempt_id, DenialOf(v1::CALL_RULE_CAMPAIGN_STATE, result_.now)});
    }
    return absl::OkStatus();
  }
  static const std::string sql =
      Concat("SELECT ", ContactColumnsOf("c"), ", ", ListColumns(), " FROM contacts c", SuppressionJoin("c.number"),
             " WHERE c.campaign_id = $1::uuid AND c.position = ANY ($3::bigint[])");
  std::vector<int64_t> positions;
  positions.reserve(batch_.attempts.size());
  for (const PlannedAttempt& attempt : batch_.attempts) positions.push_back(attempt.contact.record.position());
  TL_ASSIGN_OR_RETURN(const Result rows, tx_.ExecuteBinary(sql, {ownership_.campaign_id, ownership_.business_id,
                                                                 Parameter::Bigints(positions)}));
  TL_ASSIGN_OR_RETURN(auto dials, TakeDials());
  std::unordered_map<int64_t, int> row_of;
  for (int i = 0; i < rows.size(); ++i) row_of.emplace(rows.Integer(i, 1), i);

  const CampaignFacts facts{.state = campaign().state, .people = batch_.people};
  for (const PlannedAttempt& attempt : batch_.attempts) {
    const auto row = row_of.find(attempt.contact.record.position());
    v1::Decision decision = DenialOf(v1::CALL_RULE_CONTACT_STATE, result_.now);
    if (row != row_of.end()) {
      const Contact contact = ContactOfRow(rows, row->second, 0, ownership_.campaign_id);
      // Else an attempt that this owner does not know of was made for it.
      if (contact.endings.size() + 1 == static_cast<size_t>(attempt.number)) {
        NumberFacts number = ListsOfRow(rows, row->second, kColumnsOfContact);
        number.dials = std::move(dials[contact.record.number()]);
        decision = Decide(*campaign().rules, facts, contact.record, number, result_.now);
      }
    }
    if (decision.allowed()) {
      allowed_.push_back({&attempt, std::move(decision)});
    } else {
      denied_numbers_.push_back(attempt.contact.record.number());
      result_.denied.push_back({attempt.attempt_id, std::move(decision)});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unordered_map<std::string, std::vector<absl::Time>>> CampaignCommit::TakeDials() {
  static const std::string sql = Concat(
      "WITH dials AS (INSERT INTO number_dials AS n (business_id, number, dialed_at) SELECT $1, number, "
      "ARRAY[$3::timestamptz] FROM unnest($2::text[]) AS number ORDER BY number ON CONFLICT (business_id, number) "
      "DO UPDATE SET dialed_at = ARRAY(SELECT d FROM unnest(n.dialed_at) AS d WHERE d > $3::timestamptz - interval "
      "'7 days') || $3::timestamptz RETURNING number, dialed_at) SELECT d.number, ",
      JoinedMicros("d.dialed_at[:cardinality(d.dialed_at) - 1]"), " FROM dials d");
  std::vector<std::string_view> numbers;
  numbers.reserve(batch_.attempts.size());
  for (const PlannedAttempt& attempt : batch_.attempts) numbers.push_back(attempt.contact.record.number());
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx_.ExecuteBinary(sql, {ownership_.business_id, Parameter::Texts(numbers), result_.now}));
  std::unordered_map<std::string, std::vector<absl::Time>> dials;
  for (int i = 0; i < rows.size(); ++i) dials.emplace(rows.String(i, 0), TimesOf(rows.Text(i, 1)));
  return dials;
}

absl::Status CampaignCommit::TakeBackDials() {
  std::vector<std::pair<std::string_view, int64_t>> undialed;
  undialed.reserve(denied_numbers_.size());
  for (const std::string& number : denied_numbers_) undialed.emplace_back(number, absl::ToUnixMicros(result_.now));
  for (const AttemptEnding& ending : batch_.endings) {
    if (IsUndialed(ending.disposition)) {
      undialed.emplace_back(ending.to_number, absl::ToUnixMicros(ending.committed_at));
    }
  }
  if (undialed.empty()) return absl::OkStatus();
  std::sort(undialed.begin(), undialed.end());
  std::vector<std::string_view> numbers;
  std::vector<int64_t> times;
  for (const auto& [number, at] : undialed) {
    numbers.push_back(number);
    times.push_back(at);
  }
  return tx_
      .Execute(
          Concat("WITH undialed AS (SELECT number, ", TimeOf("at"), " AS at FROM unnest($2::text[], $3::bigint[]) ",
                 "AS u(number, at)), held AS MATERIALIZED (SELECT d.number FROM number_dials d WHERE business_id = ",
                 "$1 AND d.number IN (SELECT number FROM undialed) ORDER BY d.number FOR NO KEY UPDATE) ",
                 "UPDATE number_dials n SET dialed_at = ARRAY(SELECT d FROM unnest(n.dialed_at) AS d WHERE d NOT IN ",
                 "(SELECT at FROM undialed u WHERE u.number = n.number)) FROM held h WHERE n.business_id = $1 AND ",
                 "n.number = h.number"),
          {ownership_.business_id, Parameter::Texts(numbers), Parameter::Bigints(times)})
      .status();
}

void CampaignCommit::CollectMoves() {
  const absl::Time dial_before = result_.now + batch_.dial_time;
  for (const Allowed& allowed : allowed_) {
    const PlannedAttempt& attempt = *allowed.attempt;
    result_.started.push_back(attempt.attempt_id);
    events_->AttemptStarted(attempt, dial_before);
    moves_[attempt.contact.record.position()] = {.to = v1::CONTACT_STATE_IN_FLIGHT,
                                                 .contact_id = attempt.contact.record.contact_id(),
                                                 .attempts = attempt.contact.record.attempts()};
  }
  std::unordered_map<std::string_view, const v1::Contact*> planned;
  for (const PlannedAttempt& attempt : batch_.attempts) planned.emplace(attempt.attempt_id, &attempt.contact.record);
  for (const DeniedAttempt& denied : result_.denied) {
    if (denied.decision.rule() == v1::CALL_RULE_ABANDON_RATE) continue;  // of the campaign: it reads nobody until then
    const v1::Contact& contact = *planned.at(denied.attempt_id);
    Move move{.contact_id = contact.contact_id(), .attempts = contact.attempts(), .rule = denied.decision.rule()};
    switch (ConsequenceOf(denied.decision)) {
      case Consequence::kLeave:
        continue;
      case Consequence::kPutOff:
        move.to = v1::CONTACT_STATE_WAITING;
        move.due_at = telephony::FromProto(denied.decision.next_at());
        break;
      case Consequence::kSuppress:
        move.to = v1::CONTACT_STATE_SUPPRESSED;
        break;
      case Consequence::kExhaust:
        move.to = v1::CONTACT_STATE_EXHAUSTED;
        break;
    }
    moves_[contact.position()] = std::move(move);
  }
  for (const ContactPutOff& put_off : batch_.put_off) {
    moves_[put_off.position] = {.to = put_off.to,
                                .contact_id = put_off.contact_id,
                                .due_at = put_off.due_at,
                                .attempts = put_off.attempts,
                                .rule = put_off.rule};
  }
  for (const AttemptEnding& ending : batch_.endings) {
    events_->AttemptEnded(ending);
    moves_[ending.position] = {.from = Move::From::kInFlight,
                               .to = ending.contact_state,
                               .contact_id = ending.contact_id,
                               .due_at = ending.due_at,
                               .ending = ending.disposition,
                               .attempts = ending.attempts,
                               .rule = ending.rule};
  }
}

absl::Status CampaignCommit::MoveContacts() {
  if (moves_.empty()) return absl::OkStatus();
  std::vector<int64_t> positions, due;
  std::vector<int32_t> from, to, endings, attempts, rules;
  for (const auto& [position, move] : moves_) {
    positions.push_back(position);
    from.push_back(move.from == Move::From::kInFlight ? 1 : 0);
    to.push_back(move.to);
    due.push_back(move.due_at.has_value() ? absl::ToUnixMicros(*move.due_at) : 0);
    endings.push_back(move.ending);
    attempts.push_back(move.attempts);
    rules.push_back(move.rule);
  }
  // A contact that was taken out while its attempt was under way stays where it is.
  static const std::string sql = Concat(
      "WITH r AS (SELECT g.*, o.state, o.ctid AS place FROM unnest($2::bigint[], $3::integer[], $4::integer[], "
      "$5::bigint[], $6::integer[], $7::integer[], $8::integer[]) AS g(position, in_flight, to_state, due, ending, "
      "attempts, rule) JOIN contacts o ON o.campaign_id = $1 AND o.position = g.position) "
      "UPDATE contacts c SET state = CASE WHEN r.in_flight = 1 AND r.state <> 2 THEN r.state ELSE r.to_state END, "
      "due_at = ",
      TimeOf("r.due"),
      ", endings = CASE WHEN r.ending = 0 THEN c.endings ELSE c.endings || r.ending::smallint END, "
      "attempts = CASE WHEN r.in_flight = 1 THEN r.attempts ELSE c.attempts END, "
      "last_rule = CASE WHEN r.rule = 0 THEN c.last_rule ELSE r.rule END "
      "FROM r WHERE c.ctid = r.place AND (r.in_flight = 1 OR r.state IN (1, 3)) "
      "RETURNING c.position, r.state::integer, c.state::integer");
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx_.ExecuteBinary(sql, {ownership_.campaign_id, Parameter::Bigints(positions), Parameter::Integers(from),
                              Parameter::Integers(to), Parameter::Bigints(due), Parameter::Integers(endings),
                              Parameter::Integers(attempts), Parameter::Integers(rules)}));
  auto unmoved =
      std::count_if(moves_.begin(), moves_.end(), [](const auto& move) { return move.second.IsOfAttempt(); });
  for (int i = 0; i < rows.size(); ++i) {
    const Move& move = moves_.at(rows.Integer(i, 0));
    if (move.IsOfAttempt()) --unmoved;
    const auto before = static_cast<v1::ContactState>(rows.Integer(i, 1));
    const auto after = static_cast<v1::ContactState>(rows.Integer(i, 2));
    if (before == after) continue;
    --added_[before];
    ++added_[after];
    if (IsFinished(after)) events_->ContactFinished(move.contact_id, after, move.attempts, move.rule);
  }
  // PostgreSQL passes over a row that changes under its hands.
  if (unmoved > 0) {
    return absl::AbortedError("somebody changed a contact without the row of its campaign's progress");
  }
  return absl::OkStatus();
}

absl::Status CampaignCommit::Write() {
  Statement statement(ownership_);
  std::vector<std::pair<const PlannedAttempt*, std::string>> attempts;
  int64_t position = 0;
  for (const Allowed& allowed : allowed_) {
    attempts.emplace_back(allowed.attempt, allowed.decision.SerializeAsString());
    position = allowed.attempt->contact.record.position();
  }
  if (!attempts.empty()) {
    AddAttempts(attempts, ownership_.epoch, result_.now, result_.now + batch_.dial_time, &statement);
  }
  if (!batch_.calls.empty() || !batch_.endings.empty()) TellAttempts(batch_, &statement);
  if (!batch_.endings.empty()) CountHours(batch_.endings, &statement);
  if (!batch_.endings.empty() || !batch_.known_outcomes.empty()) DropOutcomes(batch_, &statement);
  if (!events_->messages().empty()) {
    statement.With(
        "told_events",
        Concat("INSERT INTO campaign_events_outbox (business_id, campaign_id, message) SELECT $2, $1, e.message "
               "FROM unnest(",
               statement.Add(Parameter::ByteStrings(ViewsOf(events_->messages()))),
               "::bytea[]) WITH ORDINALITY AS e(message, place) ORDER BY e.place"));
  }
  int64_t connected = 0;
  int64_t failed = 0;
  for (const AttemptEnding& ending : batch_.endings) {
    const bool reached = ending.contact_state == v1::CONTACT_STATE_REACHED;
    ++(reached ? connected : failed);
  }
  std::string progress = Concat("UPDATE campaign_progress p SET event_sequence = ", statement.Add(events_->sequence()));
  const std::pair<std::string_view, v1::ContactState> counts[] = {
      {"pending", v1::CONTACT_STATE_PENDING},     {"in_flight", v1::CONTACT_STATE_IN_FLIGHT},
      {"waiting", v1::CONTACT_STATE_WAITING},     {"reached", v1::CONTACT_STATE_REACHED},
      {"exhausted", v1::CONTACT_STATE_EXHAUSTED}, {"suppressed", v1::CONTACT_STATE_SUPPRESSED},
      {"removed", v1::CONTACT_STATE_REMOVED}};
  for (const auto& [name, state] : counts) {
    progress += Concat(", contacts_", name, " = contacts_", name, " + ", statement.Add(added_[state]));
  }
  progress += Concat(", attempts_connected = attempts_connected + ", statement.Add(connected),
                     ", attempts_failed = attempts_failed + ", statement.Add(failed));
  if (!allowed_.empty()) {
    progress += Concat(", attempts = attempts + ", statement.Add(allowed_.size()),
                       ", position = ", statement.Add(position), ", last_committed_at = ", statement.Add(result_.now));
  }
  progress +=
      " WHERE campaign_id = $1 AND business_id = $2 RETURNING contacts_pending + contacts_in_flight + "
      "contacts_waiting, contacts_total";
  TL_ASSIGN_OR_RETURN(const Result rows, statement.Run(tx_, progress));
  if (rows.empty()) return absl::InternalError("a campaign's progress is not there any more");
  unfinished_ = rows.Integer(0, 0);
  total_ = rows.Integer(0, 1);
  return absl::OkStatus();
}

absl::Status CampaignCommit::Transit(v1::CampaignState to, std::string_view actor, std::string_view reason) {
  v1::Campaign locked;
  locked.set_campaign_id(ownership_.campaign_id);
  locked.set_business_id(ownership_.business_id);
  locked.set_state(campaign().state);
  TL_RETURN_IF_ERROR(ChangeState(tx_, locked, {.to = to, .actor = actor, .reason = reason, .at = result_.now}));
  Campaign changed = campaign();
  changed.state = to;
  ++changed.version;
  result_.campaign = std::move(changed);
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
