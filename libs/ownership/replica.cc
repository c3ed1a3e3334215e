#include "libs/ownership/replica.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::ownership {
namespace {

using postgres::Connection;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr std::string_view kNil = "00000000-0000-0000-0000-000000000000";
constexpr absl::Duration kStatementTimeout = absl::Seconds(10);
// A dead replica is forgotten after it.
constexpr std::string_view kMemory = "interval '1 day'";

// Replicas that hold their lock, and whether they gave a sign of life lately. $1 is the silence in microseconds.
std::string LivingReplicas(const Tables& tables) {
  return Concat(
      "SELECT r.replica_id, r.heartbeat_at > clock_timestamp() - $1 * interval '1 microsecond' AS is_fresh FROM ",
      tables.replicas,
      " r JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.database = (SELECT oid "
      "FROM pg_database WHERE datname = current_database()) AND l.classid = ",
      tables.lock_class, " AND l.objid = r.lock_key::integer::oid");
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
  const Tables& tables = options.tables;
  TL_ASSIGN_OR_RETURN(std::unique_ptr<Connection> session, Connection::Open(options.database_url));
  Transaction& tx = session->transaction();
  TL_RETURN_IF_ERROR(tx.ExecuteScript(Concat("SET statement_timeout = ", absl::ToInt64Milliseconds(kStatementTimeout),
                                             "; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET "
                                             "tcp_keepalives_count = 3")));
  TL_RETURN_IF_ERROR(session->Listen(tables.channel));
  TL_RETURN_IF_ERROR(
      tx.Execute(Concat("DELETE FROM ", tables.replicas, " r WHERE heartbeat_at < clock_timestamp() - ", kMemory,
                        " AND NOT EXISTS (SELECT FROM ", tables.owned, " o WHERE o.replica_id = r.replica_id)"))
          .status());
  std::string id = NewUuid(absl::Now());
  TL_ASSIGN_OR_RETURN(const Result key, tx.Execute(Concat("INSERT INTO ", tables.replicas,
                                                          " (replica_id, address) VALUES ($1, $2) RETURNING "
                                                          "lock_key::integer"),
                                                   {id, options.address}));
  TL_RETURN_IF_ERROR(tx.Execute("SELECT pg_advisory_lock($1, $2)", {tables.lock_class, key.Integer(0, 0)}).status());
  return std::unique_ptr<Replica>(new Replica(std::move(options), std::move(id), std::move(session)));
}

Replica::Replica(Options options, std::string id, std::unique_ptr<Connection> session)
    : options_(std::move(options)), id_(std::move(id)), session_(std::move(session)) {}

Replica::~Replica() {
  // The server ends a session a moment after its connection; said aloud, others need not wait for that.
  if (session_->IsUsable()) session_->transaction().Execute("SELECT pg_advisory_unlock_all()").IgnoreError();
}

absl::Status Replica::Beat() {
  TL_ASSIGN_OR_RETURN(const Result beat, session_->transaction().Execute(
                                             Concat("UPDATE ", options_.tables.replicas,
                                                    " SET heartbeat_at = clock_timestamp() WHERE replica_id = $1"),
                                             {id_}));
  return beat.affected() == 0 ? absl::FailedPreconditionError("this replica is not known any more") : absl::OkStatus();
}

absl::StatusOr<Replica::Look> Replica::LookForOrphans() {
  const Tables& tables = options_.tables;
  const std::string sql = Concat(
      "WITH living AS MATERIALIZED (", LivingReplicas(tables), "), wanted AS (", tables.wanted, ") SELECT o.",
      tables.key, ", o.epoch, CASE WHEN o.replica_id IS NULL THEN 'started' WHEN o.replica_id = '", kNil,
      "' THEN 'handed_over' WHEN l.replica_id IS NULL THEN 'died' WHEN NOT l.is_fresh THEN 'silent' END AS reason, "
      "(SELECT count(*) FROM living WHERE is_fresh) FROM wanted w JOIN ",
      tables.owned, " o USING (", tables.key, ") LEFT JOIN living l ON l.replica_id = o.replica_id ORDER BY o.",
      tables.key);
  TL_ASSIGN_OR_RETURN(const Result rows,
                      session_->transaction().Execute(sql, {absl::ToInt64Microseconds(options_.silence)}));
  Look look{.things = static_cast<size_t>(rows.size())};
  for (int i = 0; i < rows.size(); ++i) {
    look.replicas = std::max<size_t>(1, static_cast<size_t>(rows.Integer(i, 3)));
    if (!rows.IsNull(i, 2)) look.orphans.push_back({rows.String(i, 0), rows.Integer(i, 1), rows.String(i, 2)});
  }
  return look;
}

absl::StatusOr<std::vector<Claim>> Replica::ClaimOrphans(size_t owned, absl::Time now) {
  TL_ASSIGN_OR_RETURN(Look look, LookForOrphans());
  std::map<std::string, absl::Time> seen;
  for (const Orphan& orphan : look.orphans) {
    const auto before = seen_.find(orphan.id);
    seen[orphan.id] = before == seen_.end() ? now : before->second;
  }
  seen_ = std::move(seen);
  const size_t part = (look.things + look.replicas - 1) / look.replicas;
  std::vector<Orphan> taken;
  for (Orphan& orphan : look.orphans) {
    const bool left_over = now - seen_.at(orphan.id) >= options_.courtesy;
    if (left_over || owned + taken.size() < part) taken.push_back(std::move(orphan));
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
    ids.push_back(orphan.id);
    epochs.push_back(orphan.epoch);
    by_id.emplace(orphan.id, &orphan);
  }
  const Tables& tables = options_.tables;
  TL_RETURN_IF_ERROR(InTransaction(*session_, [&](Transaction& tx) -> absl::Status {
    // A row that somebody holds is taken at the next look: an owner that is frozen in a transaction is ended by the
    // server.
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute(Concat("WITH free AS (SELECT p.", tables.key, " AS id FROM ", tables.owned,
                                          " p JOIN unnest($1::uuid[], $2::bigint[]) AS o(id, epoch) ON p.", tables.key,
                                          " = o.id AND p.epoch = o.epoch ORDER BY p.", tables.key,
                                          " FOR UPDATE OF p SKIP LOCKED) UPDATE ", tables.owned,
                                          " p SET replica_id = $3, epoch = p.epoch + 1 FROM free f WHERE p.",
                                          tables.key, " = f.id RETURNING p.", tables.key, ", p.business_id, p.epoch"),
                                   {Parameter::Array(ids), Parameter::Array(epochs), id_}));
    for (int i = 0; i < rows.size(); ++i) {
      Claim& claim = claims.emplace_back();
      claim.ownership = {rows.String(i, 0), rows.String(i, 1), rows.Integer(i, 2)};
      claim.reason = by_id.at(claim.ownership.id)->reason;
    }
    return claims.empty() || !options_.on_taken ? absl::OkStatus() : options_.on_taken(tx, id_, claims);
  }));
  for (const Claim& claim : claims) seen_.erase(claim.ownership.id);
  return claims;
}

absl::Status Replica::LetGo(const std::vector<Ownership>& finished) {
  for (const Ownership& ownership : finished) {
    // What is wanted again meanwhile is found as an orphan.
    TL_RETURN_IF_ERROR(
        session_->transaction()
            .Execute(Concat("UPDATE ", options_.tables.owned, " SET replica_id = NULL, epoch = epoch + 1 WHERE ",
                            options_.tables.key, " = $1 AND epoch = $2"),
                     {ownership.id, ownership.epoch})
            .status());
  }
  return absl::OkStatus();
}

absl::Status Replica::HandOver(const std::vector<Ownership>& owned) {
  if (owned.empty()) return absl::OkStatus();
  std::vector<std::string> ids;
  std::vector<int64_t> epochs;
  for (const Ownership& ownership : owned) {
    ids.push_back(ownership.id);
    epochs.push_back(ownership.epoch);
  }
  const Tables& tables = options_.tables;
  return InTransaction(*session_, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(tx.Execute(Concat("UPDATE ", tables.owned, " p SET replica_id = '", kNil,
                                         "', epoch = p.epoch + 1 FROM unnest($1::uuid[], $2::bigint[]) AS o(id, epoch) "
                                         "WHERE p.",
                                         tables.key, " = o.id AND p.epoch = o.epoch"),
                                  {Parameter::Array(ids), Parameter::Array(epochs)})
                           .status());
    return tx.Execute("SELECT pg_notify($1, '')", {tables.channel}).status();
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

}  // namespace trunkline::ownership
