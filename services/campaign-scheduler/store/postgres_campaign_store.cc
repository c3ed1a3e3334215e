#include "services/campaign-scheduler/store/postgres_campaign_store.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/records/campaign_transition.h"
#include "services/campaign-scheduler/records/index_order.h"
#include "services/campaign-scheduler/store/campaign_commit.h"
#include "services/campaign-scheduler/store/campaign_rows.h"

namespace trunkline::scheduler {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

absl::Status NotOwner() { return absl::FailedPreconditionError("another replica runs the campaign by now"); }

// Waiting ones by the time since which they are due, then those that were never called. `turn` and `place` keep that
// order over the joins. A list of positions is looked up in a hash, row by row in the order of the index; the dials of
// a number are looked up one by one: a join might read those of the whole business.
const std::string& ReadDueSql() {
  static const std::string sql = Concat(
      "WITH due AS (SELECT 0 AS turn, row_number() OVER () AS place, w.* FROM (SELECT * FROM contacts WHERE "
      "campaign_id = $1 AND state = 3 AND due_at <= now() AND position NOT IN (SELECT unnest($4::bigint[])) "
      "ORDER BY due_at LIMIT $3) AS w "
      "UNION ALL SELECT 1, row_number() OVER (), p.* FROM (SELECT * FROM contacts WHERE campaign_id = $1 AND state = 1 "
      "AND position NOT IN (SELECT unnest($4::bigint[])) ORDER BY priority DESC, position LIMIT $3) AS p) SELECT ",
      ContactColumnsOf("c"), ", ", ListColumns(), ", ",
      JoinedMicros("(SELECT n.dialed_at FROM number_dials n WHERE n.business_id = $2 AND n.number = c.number)"),
      " FROM (SELECT * FROM due ORDER BY turn, place LIMIT $3) AS c", SuppressionJoin("c.number"),
      " ORDER BY c.turn, c.place");
  return sql;
}

absl::Status ReadPeople(Transaction& tx, const std::string& campaign_id, PeopleReached* people) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(
          Concat("SELECT ", Micros("hour"),
                 ", disposition, sum(attempts) FROM campaign_hours WHERE campaign_id = "
                 "$1 AND hour > now() - interval '31 days' AND disposition IN ($2, $3) GROUP BY 1, 2"),
          {campaign_id, static_cast<int>(v1::DISPOSITION_CONNECTED), static_cast<int>(v1::DISPOSITION_ABANDONED)}));
  for (int i = 0; i < rows.size(); ++i) {
    const int64_t count = rows.Integer(i, 2);
    const bool abandoned = rows.Integer(i, 1) == v1::DISPOSITION_ABANDONED;
    people->Note(rows.Time(i, 0).value_or(absl::UnixEpoch()), {.reached = count, .abandoned = abandoned ? count : 0});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AttemptUnderWay>> ReadUnderWay(Transaction& tx, const std::string& campaign_id) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.ExecuteBinary(Concat("SELECT a.attempt_id::text, a.number::int, a.slot_id::text, ", Micros("a.committed_at"),
                              ", ", Micros("a.dial_before"), ", a.call_id::text, ", ContactColumnsOf("c"),
                              " FROM attempts a JOIN contacts c ON c.campaign_id = a.campaign_id AND c.position = "
                              "a.position WHERE a.campaign_id = $1 AND a.disposition = 0"),
                       {campaign_id}));
  std::vector<AttemptUnderWay> attempts;
  attempts.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    attempts.push_back({.attempt_id = rows.String(i, 0),
                        .number = static_cast<int>(rows.Integer(i, 1)),
                        .contact = ContactOfRow(rows, i, 6, campaign_id),
                        .slot_id = rows.String(i, 2),
                        .committed_at = rows.Time(i, 3).value_or(absl::UnixEpoch()),
                        .dial_before = rows.Time(i, 4).value_or(absl::UnixEpoch()),
                        .call_id = rows.String(i, 5)});
  }
  return attempts;
}

absl::Status ReadCommits(Transaction& tx, const std::string& campaign_id, Takeover* takeover) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", Micros("committed_at"),
                                        " FROM attempts WHERE campaign_id = $1 AND committed_at > clock_timestamp() - "
                                        "interval '1 minute' ORDER BY committed_at"),
                                 {campaign_id}));
  for (int i = 0; i < rows.size(); ++i) {
    takeover->recent_commits.push_back(rows.Time(i, 0).value_or(absl::UnixEpoch()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Takeover> PostgresCampaignStore::Load(const Ownership& ownership) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Takeover> {
    const std::string& campaign_id = ownership.campaign_id;
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT p.epoch, c.state, c.version, c.settings, ", Micros("clock_timestamp()"), ", ",
                          Micros("p.running_since"), ", ", Micros("p.last_committed_at"),
                          " FROM campaign_progress p JOIN campaigns c USING (campaign_id) WHERE campaign_id = $1 FOR "
                          "UPDATE OF p FOR SHARE OF c"),
                   {campaign_id}));
    if (rows.empty() || rows.Integer(0, 0) != ownership.epoch) return NotOwner();
    Takeover takeover{.epoch = ownership.epoch, .now = rows.Time(0, 4).value_or(absl::UnixEpoch())};
    TL_ASSIGN_OR_RETURN(takeover.campaign, MakeCampaign(campaign_id, ownership.business_id,
                                                        static_cast<v1::CampaignState>(rows.Integer(0, 1)),
                                                        rows.Integer(0, 2), rows.Bytes(0, 3), blocked_prefixes_));
    takeover.running_since = rows.Time(0, 5).value_or(takeover.now);
    TL_RETURN_IF_ERROR(ReadCommits(tx, campaign_id, &takeover));
    if (takeover.recent_commits.empty() && !rows.IsNull(0, 6)) takeover.recent_commits.push_back(*rows.Time(0, 6));
    TL_RETURN_IF_ERROR(ReadPeople(tx, campaign_id, &takeover.people));
    TL_ASSIGN_OR_RETURN(takeover.under_way, ReadUnderWay(tx, campaign_id));
    return takeover;
  });
}

absl::StatusOr<Campaign> PostgresCampaignStore::ReadCampaign(const std::string& campaign_id) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Campaign> {
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute("SELECT business_id, state, version, settings FROM campaigns WHERE campaign_id = $1",
                                   {campaign_id}));
    if (rows.empty()) return absl::NotFoundError(ToAbsl(Concat("no campaign ", campaign_id)));
    return MakeCampaign(campaign_id, rows.String(0, 0), static_cast<v1::CampaignState>(rows.Integer(0, 1)),
                        rows.Integer(0, 2), rows.Bytes(0, 3), blocked_prefixes_);
  });
}

absl::StatusOr<DueContacts> PostgresCampaignStore::ReadDue(const Ownership& ownership,
                                                           const scheduler::ReadDue& wanted) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<DueContacts> {
    const std::string& campaign_id = ownership.campaign_id;
    TL_RETURN_IF_ERROR(ReadInIndexOrder(tx));
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.ExecuteBinary(ReadDueSql(), {campaign_id, ownership.business_id, wanted.most,
                                                        Parameter::Bigints(wanted.in_hand)}));
    DueContacts due{.more = std::cmp_equal(rows.size(), wanted.most)};
    due.contacts.reserve(static_cast<size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) {
      DueContact& contact = due.contacts.emplace_back();
      contact.contact = ContactOfRow(rows, i, 0, campaign_id);
      contact.number = ListsOfRow(rows, i, kColumnsOfContact);
      contact.number.dials = TimesOf(rows.Text(i, kColumnsOfContact + 3));
    }
    if (due.more) return due;
    TL_ASSIGN_OR_RETURN(const Result next,
                        tx.Execute(Concat("SELECT ", Micros("min(due_at)"),
                                          " FROM contacts WHERE campaign_id = $1 AND state = 3 AND due_at > now()"),
                                   {campaign_id}));
    due.next_due_at = next.Time(0, 0).value_or(absl::InfiniteFuture());
    return due;
  });
}

absl::StatusOr<CommitResult> PostgresCampaignStore::Commit(const Ownership& ownership, const Campaign& campaign,
                                                           const CommitBatch& batch) {
  return pool_.InTransaction(
      [&](Transaction& tx) { return CampaignCommit(tx, ownership, campaign, batch, blocked_prefixes_).Run(); });
}

absl::StatusOr<std::vector<OutcomeOfCampaign>> PostgresCampaignStore::ReadOutcomes(
    const std::vector<std::string>& campaign_ids, size_t most) {
  if (campaign_ids.empty()) return std::vector<OutcomeOfCampaign>();
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::vector<OutcomeOfCampaign>> {
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.ExecuteBinary("SELECT campaign_id::text, attempt_id::text, call_id::text, outcome, "
                                         "talk_milliseconds FROM attempt_outcomes WHERE campaign_id = ANY ($1::uuid[]) "
                                         "LIMIT $2",
                                         {Parameter::Array(campaign_ids), most}));
    std::vector<OutcomeOfCampaign> outcomes;
    for (int i = 0; i < rows.size(); ++i) {
      OutcomeOfCampaign& of_campaign = outcomes.emplace_back();
      of_campaign.campaign_id = rows.String(i, 0);
      of_campaign.outcome.attempt_id = rows.String(i, 1);
      of_campaign.outcome.call_id = rows.String(i, 2);
      of_campaign.outcome.talk = absl::Milliseconds(rows.Integer(i, 4));
      if (!of_campaign.outcome.told.ParseFromString(rows.Bytes(i, 3))) {
        return absl::DataLossError(
            ToAbsl(Concat("the outcome of attempt ", of_campaign.outcome.attempt_id, " cannot be read")));
      }
    }
    return outcomes;
  });
}

absl::StatusOr<int> PostgresCampaignStore::StartScheduled() {
  TL_ASSIGN_OR_RETURN(const Result due, pool_.InTransaction([](Transaction& tx) {
    return tx.Execute("SELECT campaign_id FROM campaigns WHERE state = 2 AND starts_at <= now() LIMIT 100");
  }));
  int started = 0;
  for (int i = 0; i < due.size(); ++i) {
    TL_RETURN_IF_ERROR(pool_.InTransaction([&](Transaction& tx) -> absl::Status {
      TL_ASSIGN_OR_RETURN(const v1::Campaign campaign, LockCampaign(tx, due.Text(i, 0)));
      TL_ASSIGN_OR_RETURN(const Result clock, tx.Execute(Concat("SELECT ", Micros("clock_timestamp()"))));
      const absl::Time now = clock.Time(0, 0).value_or(absl::UnixEpoch());
      // Another replica, or somebody, was faster.
      if (campaign.state() != v1::CAMPAIGN_STATE_SCHEDULED || telephony::FromProto(campaign.starts_at()) > now) {
        return absl::OkStatus();
      }
      ++started;
      return ChangeState(tx, campaign,
                         {.to = v1::CAMPAIGN_STATE_RUNNING, .actor = "schedule", .reason = "", .at = now});
    }));
  }
  return started;
}

absl::StatusOr<std::vector<CampaignNews>> PostgresCampaignStore::ReadNews(
    const std::vector<std::string>& campaign_ids) {
  if (campaign_ids.empty()) return std::vector<CampaignNews>();
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::vector<CampaignNews>> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute("SELECT campaign_id, p.epoch, c.version, p.last_position, p.contacts_pending + p.contacts_waiting + "
                   "p.contacts_in_flight FROM campaigns c JOIN campaign_progress p USING (campaign_id) WHERE "
                   "campaign_id = ANY ($1::uuid[])",
                   {Parameter::Array(campaign_ids)}));
    std::vector<CampaignNews> news;
    news.reserve(static_cast<size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) {
      news.push_back({.campaign_id = rows.String(i, 0),
                      .epoch = rows.Integer(i, 1),
                      .version = rows.Integer(i, 2),
                      .last_position = rows.Integer(i, 3),
                      .contacts_unfinished = rows.Integer(i, 4)});
    }
    return news;
  });
}

}  // namespace trunkline::scheduler
