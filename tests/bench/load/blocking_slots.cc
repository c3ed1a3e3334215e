#include "tests/bench/load/blocking_slots.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/connection.h"
#include "tests/bench/load/redis_connection.h"

namespace trunkline::bench {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

using Ids = std::vector<std::string>;

class Limiter {
 public:
  virtual ~Limiter() = default;
  // The ids of those that were granted.
  virtual absl::StatusOr<Ids> Acquire(const std::string& business, const Ids& wishes) = 0;
  virtual absl::Status Release(const std::string& business, const Ids& slots) = 0;
};
using MakeLimiter = std::function<absl::StatusOr<std::unique_ptr<Limiter>>()>;

absl::Status AskInTurns(const SlotLoadSettings& settings, int number, const MakeLimiter& make, SlotTally& tally) {
  TL_ASSIGN_OR_RETURN(const std::unique_ptr<Limiter> limiter, make());
  const std::string business = BusinessOf(settings, number);
  const std::string run = NewUuid(absl::Now());
  const auto give_back = [&](const Ids& slots) -> absl::Status {
    if (slots.empty()) return absl::OkStatus();
    tally.NoteReleasing(static_cast<int64_t>(slots.size()));
    TL_RETURN_IF_ERROR(limiter->Release(business, slots));
    tally.NoteReleased(static_cast<int64_t>(slots.size()));
    return absl::OkStatus();
  };
  int64_t requests = 0;
  Ids kept;
  while (!tally.IsOver()) {
    Ids wishes;
    for (int i = 0; i < settings.batch; ++i) wishes.push_back(Concat(run, "/", ++requests));
    const auto began = SteadyClock::now();
    TL_ASSIGN_OR_RETURN(Ids granted, limiter->Acquire(business, wishes));
    const auto slots = static_cast<int64_t>(granted.size());
    tally.NoteAcquired(slots, settings.batch - slots, duration_cast<microseconds>(SteadyClock::now() - began));
    if (settings.keep) std::swap(granted, kept);
    TL_RETURN_IF_ERROR(give_back(granted));
  }
  return give_back(kept);
}

void Ask(const SlotLoadSettings& settings, const MakeLimiter& make, SlotTally& tally) {
  std::vector<std::jthread> clients;
  clients.reserve(static_cast<size_t>(settings.clients));
  for (int i = 0; i < settings.clients; ++i) {
    clients.emplace_back([&, i] {
      if (const absl::Status status = AskInTurns(settings, i, make, tally); !status.ok()) {
        tally.NoteError(std::string(status.message()));
      }
    });
  }
}

// A lease that is over frees its place, and who asks again has the lease that is there.
constexpr std::string_view kAcquireScript = R"(
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])
if redis.call('ZSCORE', KEYS[2], ARGV[3]) then return 1 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
return 1
)";
constexpr std::string_view kReleaseScript = R"(
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
)";
constexpr int64_t kLeaseMilliseconds = 30'000;

class RedisLimiter final : public Limiter {
 public:
  static absl::StatusOr<std::unique_ptr<Limiter>> Make(const std::string& address, int64_t limit) {
    auto made = std::make_unique<RedisLimiter>();
    TL_ASSIGN_OR_RETURN(made->connection_, RedisConnection::Open(address));
    made->limit_ = Concat(limit);
    made->connection_->Add({"SCRIPT", "LOAD", std::string(kAcquireScript)});
    made->connection_->Add({"SCRIPT", "LOAD", std::string(kReleaseScript)});
    TL_ASSIGN_OR_RETURN(const std::vector<std::string> digests, made->connection_->Ask());
    made->acquire_ = digests[0];
    made->release_ = digests[1];
    return made;
  }

  absl::StatusOr<Ids> Acquire(const std::string& business, const Ids& wishes) override {
    const int64_t now = absl::ToUnixMillis(absl::Now());
    const std::string told = Concat(now);
    const std::string lease = Concat(now + kLeaseMilliseconds);
    for (const std::string& id : wishes) {
      connection_->Add({"EVALSHA", acquire_, "2", "slots", Concat("slots:", business), told, lease, id, limit_});
    }
    TL_ASSIGN_OR_RETURN(const std::vector<std::string> answers, connection_->Ask());
    Ids granted;
    for (size_t i = 0; i < wishes.size(); ++i) {
      if (answers[i] == "1") granted.push_back(wishes[i]);
    }
    return granted;
  }

  absl::Status Release(const std::string& business, const Ids& slots) override {
    for (const std::string& id : slots) {
      connection_->Add({"EVALSHA", release_, "2", "slots", Concat("slots:", business), id});
    }
    TL_ASSIGN_OR_RETURN(const std::vector<std::string> answers, connection_->Ask());
    for (const std::string& answer : answers) {
      if (answer != "1") return absl::InternalError("Redis did not have a slot that it had granted");
    }
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<RedisConnection> connection_;
  std::string limit_;
  std::string acquire_;
  std::string release_;
};

class PostgresLimiter final : public Limiter {
 public:
  static absl::StatusOr<std::unique_ptr<Limiter>> Make(const std::string& url) {
    auto made = std::make_unique<PostgresLimiter>();
    TL_ASSIGN_OR_RETURN(made->connection_, postgres::Connection::Open(url));
    return made;
  }

  absl::StatusOr<Ids> Acquire(const std::string& business, const Ids& wishes) override {
    Ids granted;
    for (const std::string& id : wishes) {
      TL_ASSIGN_OR_RETURN(const bool taken, AcquireOne(business, id));
      if (taken) granted.push_back(id);
    }
    return granted;
  }

  absl::Status Release(const std::string& business, const Ids& slots) override {
    for (const std::string& id : slots) {
      TL_ASSIGN_OR_RETURN(const postgres::Result gone,
                          connection_->transaction().Execute(
                              "DELETE FROM naive_slots WHERE business_id = $1 AND request_id = $2", {business, id}));
      if (gone.affected() != 1) return absl::InternalError("PostgreSQL did not have a slot that it had granted");
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<bool> AcquireOne(const std::string& business, const std::string& id) {
    postgres::Transaction& tx = connection_->transaction();
    connection_->Begin();
    // The row of all calls has no name; everybody locks in the same order.
    TL_ASSIGN_OR_RETURN(const postgres::Result limits,
                        tx.Execute("SELECT most FROM naive_limits WHERE business_id IN ('', $1) ORDER BY business_id "
                                   "FOR UPDATE",
                                   {business}));
    TL_ASSIGN_OR_RETURN(
        const postgres::Result in_use,
        tx.Execute("SELECT count(*), count(*) FILTER (WHERE business_id = $1) FROM naive_slots", {business}));
    const bool free = in_use.Integer(0, 0) < limits.Integer(0, 0) && in_use.Integer(0, 1) < limits.Integer(1, 0);
    if (free) {
      TL_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO naive_slots (business_id, request_id) VALUES ($1, $2)", {business, id}).status());
    }
    TL_RETURN_IF_ERROR(connection_->Commit());
    return free;
  }

  std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace

void AskRedis(const SlotLoadSettings& settings, SlotTally& tally) {
  Ask(
      settings, [&] { return RedisLimiter::Make(settings.address, settings.limit); }, tally);
}

void AskPostgres(const SlotLoadSettings& settings, SlotTally& tally) {
  Ask(
      settings, [&] { return PostgresLimiter::Make(settings.address); }, tally);
}

}  // namespace trunkline::bench
