#include "services/campaign-scheduler/ownership/replica.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/records/change_notice.h"
#include "services/campaign-scheduler/store/campaign_events.h"

namespace trunkline::scheduler {
namespace {

using postgres::Connection;
using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr std::string_view kNil = "00000000-0000-0000-0000-000000000000";
constexpr int kLockClass = 0x7363684c;  // "schL": the first half of the keys of the replicas' locks
constexpr absl::Duration kStatementTimeout = absl::Seconds(10);
// A dead replica is forgotten after it.
constexpr std::string_view kMemory = "interval '1 day'";

// Replicas that hold their lock, and whether they gave a sign of life lately. $1 is the silence in microseconds.
std::string LivingReplicas() {
  return Concat(
      "SELECT r.replica_id, r.heartbeat_at > clock_timestamp() - $1 * interval '1 microsecond' AS is_fresh FROM "
      "scheduler_replicas r JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND "
      "l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.classid = ",
      kLockClass, " AND l.objid = r.lock_key::integer::oid");
}

absl::Status InTransaction(Connection& connection, const std::function<absl::Status(Transaction&)>& body) {
  connection.Begin();
  if (absl::Status done = body(connection.transaction()); !done.ok()) {
    connection.Rollback();
    return done;
  }
  return connection.Commit();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Replica>> Replica::Join(Options options) {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<Connection> session, Connection::Open(options.database_url));
  Transaction& tx = session->transaction();
  TL_RETURN_IF_ERROR(tx.ExecuteScript(Concat("SET statement_timeout = ", absl::ToInt64Milliseconds(kStatementTimeout),
                                             "; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET "
                                             "tcp_keepalives_count = 3")));
  TL_RETURN_IF_ERROR(session->Listen(kCampaignChanges));
  TL_RETURN_IF_ERROR(
      tx.Execute(Concat("DELETE FROM scheduler_replicas r WHERE heartbeat_at < clock_timestamp() - ", kMemory,
                        " AND NOT EXISTS (SELECT FROM campaign_progress p WHERE p.replica_id = r.replica_id)"))
          .status());
  std::string id = NewUuid(absl::Now());
  TL_ASSIGN_OR_RETURN(
      const Result key,
      tx.Execute("INSERT INTO scheduler_replicas (replica_id, address) VALUES ($1, $2) RETURNING lock_key::integer",
                 {id, options.address}));
  TL_RETURN_IF_ERROR(tx.Execute("SELECT pg_advisory_lock($1, $2)", {kLockClass, key.Integer(0, 0)}).status());
  return std::unique_ptr<Replica>(new Replica(std::move(options), std::move(id), std::move(session)));
}

Replica::Replica(Options options, std::string id, std::unique_ptr<Connection> session)
    : options_(std::move(options)), id_(std::move(id)), session_(std::move(session)) {}

Replica::~Replica() {
  // The server ends a session a moment after its connection; said aloud, others need not wait for that.
  if (session_->IsUsable()) session_->transaction().Execute("SELECT pg_advisory_unlock_all()").IgnoreError();
}

absl::Status Replica::Beat() {
  TL_ASSIGN_OR_RETURN(const Result beat,
                      session_->transaction().Execute("UPDATE scheduler_replicas SET heartbeat_at = clock_timestamp() "
                                                      "WHERE replica_id = $1 RETURNING replica_id",
                                                      {id_}));
  return beat.empty() ? absl::FailedPreconditionError("this replica is not known any more") : absl::OkStatus();
}

absl::StatusOr<Replica::Look> Replica::LookForOrphans() {
  static const std::string sql = Concat(
      "WITH living AS MATERIALIZED (", LivingReplicas(),
      "), wanted AS (SELECT campaign_id FROM campaigns WHERE state = 3 UNION SELECT campaign_id FROM campaign_progress "
      "WHERE replica_id IS NOT NULL) SELECT p.campaign_id, p.epoch, CASE WHEN p.replica_id IS NULL THEN 'started' WHEN "
      "p.replica_id = '",
      kNil,
      "' THEN 'handed_over' WHEN l.replica_id IS NULL THEN 'died' WHEN NOT l.is_fresh THEN 'silent' END AS reason, "
      "(SELECT "
      "count(*) FROM living WHERE is_fresh) FROM wanted w JOIN campaign_progress p USING (campaign_id) LEFT JOIN "
      "living l "
      "ON l.replica_id = p.replica_id ORDER BY p.campaign_id");
  TL_ASSIGN_OR_RETURN(const Result rows,
                      session_->transaction().Execute(sql, {absl::ToInt64Microseconds(options_.silence)}));
  Look look{.campaigns = static_cast<size_t>(rows.size())};
  for (int i = 0; i < rows.size(); ++i) {
    look.replicas = std::max<size_t>(1, static_cast<size_t>(rows.Integer(i, 3)));
    if (!rows.IsNull(i, 2)) look.orphans.push_back({rows.String(i, 0), rows.Integer(i, 1), rows.String(i, 2)});
  }
  return look;
}

absl::StatusOr<std::vector<Claim>> Replica::ClaimOrphans(size_t running, absl::Time now) {
  TL_ASSIGN_OR_RETURN(Look look, LookForOrphans());
  std::map<std::string, absl::Time> seen;
  for (const Orphan& orphan : look.orphans) {
    const auto before = seen_.find(orphan.campaign_id);
    seen[orphan.campaign_id] = before == seen_.end() ? now : before->second;
  }
  seen_ = std::move(seen);
  const size_t part = (look.campaigns + look.replicas - 1) / look.replicas;
  std::vector<Orphan> taken;
  for (Orphan& orphan : look.orphans) {
    const bool left_over = now - seen_.at(orphan.campaign_id) >= options_.courtesy;
    if (left_over || running + taken.size() < part) taken.push_back(std::move(orphan));
  }
  return Take(taken);
}

absl::StatusOr<std::vector<Claim>> Replica::Take(const std::vector<Orphan>& orphans) {
  std::vector<Claim> claims;
  if (orphans.empty()) return claims;
  std::vector<std::string> ids;
  std::vector<int64_t> epochs;
  std::map<std::string_view, const Orphan*> by_id;
  for (const Orphan& orphan : orphans) {
    ids.push_back(orphan.campaign_id);
    epochs.push_back(orphan.epoch);
    by_id.emplace(orphan.campaign_id, &orphan);
  }
  TL_RETURN_IF_ERROR(InTransaction(*session_, [&](Transaction& tx) -> absl::Status {
    // A row that somebody holds is taken at the next look: an owner that is frozen in a transaction is ended by the
    // server.
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("WITH free AS (SELECT p.campaign_id FROM campaign_progress p JOIN unnest($1::uuid[], "
                   "$2::bigint[]) AS o(campaign_id, epoch) ON p.campaign_id = o.campaign_id AND p.epoch = o.epoch "
                   "ORDER BY p.campaign_id FOR UPDATE OF p SKIP LOCKED) UPDATE campaign_progress p SET replica_id "
                   "= $3, epoch = p.epoch + 1, event_sequence = p.event_sequence + 1 FROM free f WHERE "
                   "p.campaign_id = f.campaign_id RETURNING p.campaign_id, p.business_id, p.epoch, "
                   "p.event_sequence, ",
                   Micros("clock_timestamp()")),
            {Parameter::Array(ids), Parameter::Array(epochs), id_}));
    std::vector<std::string> campaigns, businesses, messages;
    for (int i = 0; i < rows.size(); ++i) {
      Claim& claim = claims.emplace_back();
      claim.ownership = {rows.String(i, 0), rows.String(i, 1), rows.Integer(i, 2)};
      claim.reason = by_id.at(claim.ownership.campaign_id)->reason;
      CampaignEvents event(claim.ownership.campaign_id, claim.ownership.business_id, "campaign-scheduler",
                           rows.Integer(i, 3) - 1, rows.Time(i, 4).value_or(absl::UnixEpoch()));
      event.OwnerChanged(id_, claim.ownership.epoch, claim.reason);
      campaigns.push_back(claim.ownership.campaign_id);
      businesses.push_back(claim.ownership.business_id);
      messages.push_back(event.messages().front());
    }
    return tx
        .Execute(
            "INSERT INTO campaign_events_outbox (business_id, campaign_id, message) SELECT * FROM unnest($1::uuid[], "
            "$2::uuid[], $3::bytea[])",
            {Parameter::Array(businesses), Parameter::Array(campaigns),
             Parameter::ByteStrings({messages.begin(), messages.end()})})
        .status();
  }));
  for (const Claim& claim : claims) seen_.erase(claim.ownership.campaign_id);
  return claims;
}

absl::Status Replica::LetGo(const std::vector<Ownership>& finished) {
  for (const Ownership& ownership : finished) {
    // What began meanwhile is found as an orphan.
    TL_RETURN_IF_ERROR(
        session_->transaction()
            .Execute("UPDATE campaign_progress SET replica_id = NULL, epoch = epoch + 1 WHERE campaign_id "
                     "= $1 AND epoch = $2",
                     {ownership.campaign_id, ownership.epoch})
            .status());
  }
  return absl::OkStatus();
}

absl::Status Replica::HandOver(const std::vector<Ownership>& running) {
  if (running.empty()) return absl::OkStatus();
  std::vector<std::string> ids;
  std::vector<int64_t> epochs;
  for (const Ownership& ownership : running) {
    ids.push_back(ownership.campaign_id);
    epochs.push_back(ownership.epoch);
  }
  return InTransaction(*session_, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(
        tx.Execute(Concat("UPDATE campaign_progress p SET replica_id = '", kNil,
                          "', epoch = p.epoch + 1 FROM unnest($1::uuid[], $2::bigint[]) AS o(campaign_id, epoch) WHERE "
                          "p.campaign_id = o.campaign_id AND p.epoch = o.epoch"),
                   {Parameter::Array(ids), Parameter::Array(epochs)})
            .status());
    return NoticeChange(tx, ids.front());
  });
}

absl::StatusOr<bool> Replica::WaitForChange(absl::Duration limit) {
  TL_ASSIGN_OR_RETURN(bool changed, session_->WaitForNotification(limit));
  const bool any = changed;
  while (changed) {
    TL_ASSIGN_OR_RETURN(changed, session_->WaitForNotification(absl::ZeroDuration()));
  }
  return any;
}

}  // namespace trunkline::scheduler
