// Runs campaigns as a replica of the scheduler does, with the real engine and store and a model of governor and
// gateway: every slot is granted at once, every call is placed at once and ends as answered. What is measured is how
// many dispatch decisions a second become durable: read, decided, claimed, committed with their attempt, and their
// outcome recorded.
//
//   bench-campaign-load --database-url=postgresql://... --time=10s
//
// It takes every campaign that runs and that nobody else runs, also one whose owner dies meanwhile, and ends after the
// time or when all are done. Prints one line of JSON.
#include <condition_variable>
#include <deque>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/clock.h"
#include "libs/base/config.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/dispatch/dispatcher.h"
#include "services/campaign-scheduler/dispatch/outcome_feed.h"
#include "services/campaign-scheduler/ownership/campaign_keeper.h"
#include "services/campaign-scheduler/store/postgres_campaign_store.h"
#include "services/campaign-scheduler/store/postgres_outcome_store.h"

namespace trunkline::scheduler {
namespace {

class EverySlot final : public SlotSource {
 public:
  void Acquire(const Campaign& /*campaign*/, const AcquireSlots& wanted,
               std::function<void(SlotsDecided)> done) override {
    SlotsDecided decided;
    for (const SlotWish& wish : wanted.wishes) {
      decided.answers.push_back(
          {.wish = wish, .slot_id = UuidOfName("slot", wish.request_id), .expires_at = absl::InfiniteFuture()});
    }
    done(std::move(decided));
  }
  void Release(const std::string& /*business_id*/, const std::vector<std::string>& /*slot_ids*/) override {}
  void LimitCampaign(const std::string& /*campaign_id*/, int /*max_concurrent_calls*/) override {}
};

// Calls that are answered and over at once; their outcomes are kept as those of call events are.
class EveryCall final : public Gateway {
 public:
  explicit EveryCall(OutcomeStore& store)
      : store_(store), keeping_([this](const std::stop_token& stop) { Keep(stop); }) {}

  void InitiateCall(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                    std::function<void(absl::StatusOr<control::v1::Call>)> done) override {
    control::v1::Call call;
    call.mutable_record()->set_call_id(UuidOfName("call", request.attempt_id()));
    ToldOutcome outcome{.business_id = business_id, .outcome = {}};
    outcome.outcome.attempt_id = request.attempt_id();
    outcome.outcome.call_id = call.record().call_id();
    outcome.outcome.told.set_disposition(v1::DISPOSITION_CONNECTED);
    *outcome.outcome.told.mutable_ended_at() = telephony::ToProto(absl::Now());
    outcome.outcome.talk = absl::Seconds(20);
    done(std::move(call));
    {
      const std::lock_guard lock(mutex_);
      outcomes_.push_back(std::move(outcome));
    }
    added_.notify_one();
  }
  void FindDial(const std::string& /*business_id*/, const std::string& /*request_id*/,
                std::function<void(absl::StatusOr<FoundDial>)> done) override {
    done(absl::UnavailableError("not asked for here"));
  }
  void InquireCall(const std::string& /*business_id*/, const std::string& /*call_id*/,
                   std::function<void(absl::StatusOr<bool>)> done) override {
    done(false);
  }
  void EndCall(const std::string& /*business_id*/, const std::string& /*call_id*/,
               std::function<void(absl::Status)> done) override {
    done(absl::OkStatus());
  }
  void UpdateCall(const std::string& /*business_id*/, const std::string& /*call_id*/,
                  const plans::v1::CallPlan& /*plan*/, std::function<void(absl::Status)> done) override {
    done(absl::OkStatus());
  }

 private:
  static constexpr size_t kBatch = 2'000;

  void Keep(const std::stop_token& stop) {
    while (true) {
      std::vector<ToldOutcome> batch;
      {
        std::unique_lock lock(mutex_);
        if (!added_.wait(lock, stop, [this] { return !outcomes_.empty(); })) return;
        while (!outcomes_.empty() && batch.size() < kBatch) {
          batch.push_back(std::move(outcomes_.front()));
          outcomes_.pop_front();
        }
      }
      if (const auto kept = store_.Keep(batch); !kept.ok()) LogError("outcomes are lost", {{"error", kept.status()}});
    }
  }

  OutcomeStore& store_;
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::deque<ToldOutcome> outcomes_;
  std::jthread keeping_;
};

struct Count {
  int64_t ended = 0;
  int64_t unfinished = 0;
};

Count CountOf(postgres::Pool& pool) {
  const auto count = pool.InTransaction([](postgres::Transaction& tx) {
    return tx.Execute(
        "SELECT coalesce(sum(attempts_connected), 0), coalesce(sum(contacts_pending + contacts_in_flight), 0) FROM "
        "campaign_progress");
  });
  if (!count.ok()) return {};
  return {.ended = count->Integer(0, 0), .unfinished = count->Integer(0, 1)};
}

int Run(const std::string& url, absl::Duration most, size_t batch) {
  SteadyClock clock;
  metrics::Registry registry;
  SchedulerMetrics metrics(registry);
  constexpr int kConnections = 6;
  postgres::Pool pool({.url = url, .size = kConnections});
  PostgresCampaignStore store(pool, {});
  PostgresOutcomeStore outcome_store(pool);
  EverySlot slots;
  EveryCall gateway(outcome_store);
  EngineOptions engine{.call_spacing = absl::ZeroDuration(), .batch = batch, .most_dialing = 4 * batch};
  Dispatcher dispatcher({store, slots, gateway, metrics, clock, [] {}},
                        {.engine = engine, .store_threads = kConnections - 2});
  OutcomeFeed outcomes(url, store, dispatcher);
  const Count before = CountOf(pool);
  const absl::Time began = clock.Now();
  CampaignKeeper keeper({store, dispatcher, metrics, clock}, {.database_url = url, .address = "bench"});
  Count now = before;
  std::mutex mutex;
  std::condition_variable never;
  while (clock.Now() - began < most) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(50));
    now = CountOf(pool);
    if (now.unfinished == 0) break;
  }
  const absl::Duration took = clock.Now() - began;
  if (const absl::Status joined = keeper.status(); !joined.ok()) {
    std::cerr << joined << "\n";
    return 1;
  }
  keeper.Stop();
  std::cout << nlohmann::json{{"decisions", now.ended - before.ended},
                              {"seconds", absl::ToDoubleSeconds(took)},
                              {"unfinished", now.unfinished}}
            << "\n";
  return 0;
}

}  // namespace
}  // namespace trunkline::scheduler

int main(int argc, char** argv) {
  using namespace trunkline;  // NOLINT: a main function wires everything
  StartLog("bench-campaign-load", LogLevel::kWarning);
  ConfigReader reader("bench-campaign-load", "runs campaigns with a model of governor and gateway", argc, argv);
  const std::string url = reader.Secret("database-url", true, "as the role trunkline_scheduler_worker");
  const absl::Duration most = reader.Duration("time", absl::Seconds(10), "at most so long");
  const int64_t batch =
      reader.Int("batch", 500, 1, 5'000, "contacts that are read, and attempts that are committed, at once");
  reader.Finish();
  return scheduler::Run(url, most, static_cast<size_t>(batch));
}
