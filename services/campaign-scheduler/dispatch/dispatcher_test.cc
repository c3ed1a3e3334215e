#include "services/campaign-scheduler/dispatch/dispatcher.h"

#include <map>
#include <mutex>
#include <random>
#include <set>

#include "services/campaign-scheduler/dispatch/outcome_feed.h"
#include "services/campaign-scheduler/store/postgres_outcome_store.h"
#include "services/campaign-scheduler/testing/store_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::IsEmpty;

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

// A gateway as the real one promises to be: one call for a request_id, however often it comes. One answer in so many is
// lost, with and without a call. Each call ends at once, and its outcome is kept as that of a call event is.
class ForgetfulGateway final : public Gateway {
 public:
  ForgetfulGateway(OutcomeStore& store, int lose_one_in) : store_(store), lose_one_in_(lose_one_in) {}

  void InitiateCall(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                    std::function<void(absl::StatusOr<control::v1::Call>)> done) override {
    bool lost = false;
    {
      const std::lock_guard lock(mutex_);
      if (lose_one_in_ > 0 && chance_() % static_cast<unsigned>(lose_one_in_) == 0) {
        lost = true;
        if (chance_() % 2 == 0) Place(business_id, request);
      } else {
        Place(business_id, request);
      }
    }
    if (lost) return done(absl::UnavailableError("lost"));
    done(CallOf(request.request_id()));
  }
  void FindDial(const std::string& /*business_id*/, const std::string& request_id,
                std::function<void(absl::StatusOr<FoundDial>)> done) override {
    const std::lock_guard lock(mutex_);
    FoundDial found{.call = std::nullopt, .now = absl::Now()};
    if (requests_.contains(request_id)) found.call = CallOf(request_id);
    done(std::move(found));
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

  // How often each number was dialled.
  std::map<std::string, int> dialled() {
    const std::lock_guard lock(mutex_);
    return dialled_;
  }

 private:
  static control::v1::Call CallOf(const std::string& request_id) {
    control::v1::Call call;
    call.mutable_record()->set_call_id(UuidOfName("call", request_id));
    return call;
  }
  void Place(const std::string& business_id, const control::v1::InitiateCallRequest& request) {
    if (!requests_.insert(request.request_id()).second) return;
    ++dialled_[request.to()];
    ToldOutcome outcome{.business_id = business_id, .outcome = {}};
    outcome.outcome.attempt_id = request.attempt_id();
    outcome.outcome.call_id = UuidOfName("call", request.request_id());
    outcome.outcome.told.set_disposition(v1::DISPOSITION_CONNECTED);
    *outcome.outcome.told.mutable_ended_at() = telephony::ToProto(absl::Now());
    EXPECT_TRUE(store_.Keep({outcome}).ok());
  }

  OutcomeStore& store_;
  const int lose_one_in_;
  std::mutex mutex_;
  std::mt19937 chance_{7};  // NOLINT: the same in every run
  std::set<std::string> requests_;
  std::map<std::string, int> dialled_;
};

class DispatcherTest : public StoreFixture {
 protected:
  struct Replica {
    Replica(DispatcherTest& test, Gateway& gateway)
        : dispatcher({test.store_, test.slots_, gateway, test.metrics_, test.clock_, [] {}},
                     {.engine = {.call_spacing = absl::ZeroDuration(),
                                 .dial_time = absl::Seconds(2),
                                 .retry = absl::Milliseconds(10),
                                 .retry_most = absl::Milliseconds(100)}}),
          outcomes(test.database_.UrlOf("trunkline_scheduler_worker"), test.store_, dispatcher) {
      dispatcher.MayActUntil(absl::InfiniteFuture());
    }
    Dispatcher dispatcher;
    OutcomeFeed outcomes;
  };

  bool IsCompleted(const std::string& campaign_id) {
    return Number("SELECT state FROM campaigns WHERE campaign_id = $1", {campaign_id}) == v1::CAMPAIGN_STATE_COMPLETED;
  }
  int64_t Attempts() { return Number("SELECT count(*) FROM attempts"); }

  SystemClock clock_;
  metrics::Registry registry_;
  SchedulerMetrics metrics_{registry_};
  EverySlot slots_;
  PostgresOutcomeStore outcome_store_{pool_};
};

TEST_F(DispatcherTest, ACampaignRunsToItsEndAndEverybodyIsCalledOnce) {
  const std::string id = AddCampaign(300);
  ForgetfulGateway gateway(outcome_store_, 0);
  Replica replica(*this, gateway);
  replica.dispatcher.Take(Own(id));
  while (!IsCompleted(id)) {
  }
  EXPECT_EQ(Counts(id), "0/0/0/300/0/0/0");
  EXPECT_EQ(gateway.dialled().size(), 300u);
  for (const auto& [number, times] : gateway.dialled()) EXPECT_EQ(times, 1) << number;
  while (!replica.dispatcher.Running().empty()) {
  }
  EXPECT_EQ(replica.dispatcher.TakeFinished().size(), 1u);
}

TEST_F(DispatcherTest, WithLostAnswersAndManyOwnersNobodyIsCalledTwiceOrSkipped) {
  const std::string id = AddCampaign(200);
  ForgetfulGateway gateway(outcome_store_, 5);
  int owners = 0;
  while (!IsCompleted(id)) {
    Replica replica(*this, gateway);
    ++owners;
    replica.dispatcher.Take(Own(id));
    // Each gets a little further; what it holds in memory is lost then.
    const int64_t before = Attempts();
    const absl::Time until = absl::Now() + absl::Seconds(3);
    while (!IsCompleted(id) && (Attempts() < before + 40 || Attempts() == 200) && absl::Now() < until) {
    }
  }
  EXPECT_GT(owners, 2);
  const auto dialled = gateway.dialled();
  EXPECT_EQ(dialled.size(), 200u);
  for (const auto& [number, times] : dialled) EXPECT_EQ(times, 1) << number;
  EXPECT_EQ(Counts(id), "0/0/0/200/0/0/0");
}

TEST_F(DispatcherTest, AnOwnerWhoseEpochIsOverEndsByItself) {
  const std::string id = AddCampaign(100);
  ForgetfulGateway gateway(outcome_store_, 0);
  Replica old(*this, gateway);
  Replica young(*this, gateway);
  const Ownership before = Own(id);
  old.dispatcher.Take(before);
  while (Attempts() == 0) {
  }
  const Ownership after = Own(id);
  young.dispatcher.Take(after);
  old.dispatcher.Tell(*store_.ReadNews({id}));
  EXPECT_THAT(old.dispatcher.Running(), IsEmpty());
  EXPECT_THAT(old.dispatcher.TakeFinished(), IsEmpty()) << "it is not this one's to let go of";
  while (!IsCompleted(id)) {
  }
  for (const auto& [number, times] : gateway.dialled()) EXPECT_EQ(times, 1) << number;
}

TEST_F(DispatcherTest, WithoutASignOfLifeNothingIsCommitted) {
  const std::string id = AddCampaign(10);
  ForgetfulGateway gateway(outcome_store_, 0);
  Replica replica(*this, gateway);
  replica.dispatcher.MayActUntil(absl::Now() - absl::Seconds(1));
  replica.dispatcher.Take(Own(id));
  const absl::Time until = absl::Now() + absl::Milliseconds(500);
  while (absl::Now() < until) EXPECT_EQ(Attempts(), 0);
  replica.dispatcher.MayActUntil(absl::InfiniteFuture());
  while (!IsCompleted(id)) {
  }
}

TEST_F(DispatcherTest, APauseIsHeardAndTheCampaignIsLetGoOf) {
  const std::string id = AddCampaign(50);
  settings_.mutable_pacing()->set_calls_per_second(20);
  Run("UPDATE campaigns SET settings = $2 WHERE campaign_id = $1",
      {id, postgres::Parameter::Bytes(settings_.SerializeAsString())});
  ForgetfulGateway gateway(outcome_store_, 0);
  Replica replica(*this, gateway);
  replica.dispatcher.Take(Own(id));
  while (Attempts() < 5) {
  }
  Run("UPDATE campaigns SET state = 4, version = version + 1 WHERE campaign_id = $1", {id});
  replica.dispatcher.Tell(*store_.ReadNews({id}));
  while (!replica.dispatcher.Running().empty()) {
  }
  EXPECT_LT(Attempts(), 50);
  EXPECT_EQ(Number("SELECT count(*) FROM attempts WHERE disposition = 0"), 0);
}

TEST(TimersTest, AnEarlierTimeTakesThePlaceOfALaterOne) {
  SystemClock clock;
  Timers timers(clock);
  std::mutex mutex;
  std::condition_variable woken;
  int wakes = 0;
  const auto wake = [&] {
    const std::lock_guard lock(mutex);
    ++wakes;
    woken.notify_all();
  };
  const absl::Time began = clock.Now();
  timers.Set(1, began + absl::Minutes(1), wake);
  timers.Set(2, began + absl::Minutes(1), wake);
  timers.Set(1, began + absl::Milliseconds(20), wake);
  timers.Clear(2);
  std::unique_lock lock(mutex);
  woken.wait(lock, [&] { return wakes == 1; });
  EXPECT_GE(clock.Now() - began, absl::Milliseconds(20));
  EXPECT_LT(clock.Now() - began, absl::Seconds(30));
}

}  // namespace
}  // namespace trunkline::scheduler
