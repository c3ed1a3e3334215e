// The procedures and the planner, run against a model platform whose calls change while they are listed, by a reader
// that dies between any two pages: in the end what was read is the truth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "services/call-tracking-sync/passes/change_walk.h"
#include "services/call-tracking-sync/passes/pass_catalogue.h"
#include "services/call-tracking-sync/passes/planner.h"
#include "services/call-tracking-sync/passes/window_reading.h"
#include "services/call-tracking-sync/testing/model_platform.h"

namespace trunkline::tracking_sync {
namespace {

namespace v1 = tracking::v1;

struct Kind {
  const char* name;
  const char* position;
  std::set<v1::Feature> features;
};
const Kind kKinds[] = {
    {"LastChangedFirst", "page", {v1::FEATURE_LIST_LAST_CHANGED, v1::FEATURE_CHANGE_TIME}},
    {"ByChange", "cursor", {v1::FEATURE_LIST_BY_CHANGE, v1::FEATURE_CHANGE_TIME, v1::FEATURE_TOTAL_COUNT}},
    {"ByBeginning", "offset", {v1::FEATURE_TOTAL_COUNT}},
};

// A reader as the runner is one, without its threads, tables and failures.
class Reader {
 public:
  Reader(const Kind& kind, absl::Time now) {
    const tracking::SyncSettings settings{.interval = absl::Seconds(300), .batch_size = 10, .largest_batch = 40};
    for (Pass& pass : PassesOf(kind.features, {.lists_by_change = true}, false, settings)) {
      PassState state{.pass = std::move(pass)};
      if (state.pass.follows_watermark) state.checkpoint.watermark = now;
      if (state.pass.procedure != Procedure::kLiveCalls) passes_.push_back(std::move(state));
    }
    known_since_ = now;
  }

  // Reads a page, or tells until when there is none to be read.
  std::optional<absl::Time> Step(const ModelPlatform& platform, absl::Time now) {
    const PlanInput input{.now = now, .server_now = now, .known_since = known_since_};
    const PlanStep step = PlanNext(passes_, input);
    if (!step.pass.has_value()) return step.wake_at;
    PassState& state = passes_[*step.pass];
    if (step.begins_run) {
      state.checkpoint.run = BeginRun(state, input);
      state.checkpoint.counters = {};
      seen_.clear();
    }
    if (!state.checkpoint.run.has_value()) {
      state.checkpoint.finished_at = now;
      return std::nullopt;
    }
    PassRun run = *state.checkpoint.run;
    const ModelPlatform::Listed listed = platform.List(QueryOf(state.pass, run), run.window.position);
    ++pages_;
    PageFacts facts{.records = static_cast<int64_t>(listed.calls.size()), .next = listed.next, .total = listed.total};
    for (const ModelCall& call : listed.calls) {
      if (seen_.insert(call.id).second) ++facts.distinct;
      facts.latest_change = std::max(facts.latest_change.value_or(call.changed_at), call.changed_at);
      facts.earliest_change = std::min(facts.earliest_change.value_or(call.changed_at), call.changed_at);
      int64_t& version = read_[call.id];
      version = std::max(version, call.version);
    }
    const Sequel sequel = state.pass.procedure == Procedure::kChangeWalk ? AfterWalkPage(run, facts, now)
                                                                         : AfterWindowPage(state.pass, run, facts, now);
    if (sequel.kind != Sequel::Kind::kNextPage) seen_.clear();
    ++state.checkpoint.counters.pages;
    state.checkpoint.run = sequel.run;
    if (sequel.kind == Sequel::Kind::kRunFinished) {
      state.checkpoint.finished_at = now;
      if (sequel.watermark.has_value() && state.pass.follows_watermark) {
        state.checkpoint.watermark = std::max(*state.checkpoint.watermark, *sequel.watermark);
      }
    }
    return std::nullopt;
  }

  // What is not in a checkpoint is gone.
  void Die() {
    seen_.clear();
    for (PassState& state : passes_) {
      if (state.checkpoint.run.has_value()) state.checkpoint.run = Resumed(*state.checkpoint.run);
      state.not_before = absl::InfinitePast();
    }
  }

  const std::map<std::string, int64_t>& read() const { return read_; }
  int64_t pages() const { return pages_; }

 private:
  absl::Time known_since_;
  std::vector<PassState> passes_;
  std::map<std::string, int64_t> read_;  // the version of each call
  std::set<std::string> seen_;
  int64_t pages_ = 0;
};

class AnyHistory : public testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(AnyHistory, IsReadToTheTruth) {
  const Kind& kind = kKinds[std::get<0>(GetParam())];
  std::mt19937_64 chance(static_cast<uint64_t>(std::get<1>(GetParam())));
  const auto upto = [&](int64_t most) { return static_cast<int64_t>(chance() % static_cast<uint64_t>(most + 1)); };
  absl::Time now = absl::FromUnixSeconds(1'772'460'000);
  ModelPlatform platform(kind.position);
  Reader reader(kind, now);
  std::vector<std::string> ids;
  const auto live_a_little = [&] {
    now += absl::Milliseconds(50 + upto(2'000));
    for (int64_t i = upto(2); i > 0; --i) {
      if (ids.empty() || upto(2) == 0) {
        ids.push_back(Concat("call-", ids.size()));
        platform.Begin(ids.back(), now);
      } else {
        // Within the range that a rescan of 48 h looks at.
        platform.Change(ids[static_cast<size_t>(upto(static_cast<int64_t>(ids.size()) - 1))], now);
      }
      now += absl::Milliseconds(1 + upto(50));
    }
  };
  for (int i = 0; i < 500; ++i) {
    live_a_little();
    if (const auto wake_at = reader.Step(platform, now); wake_at.has_value()) {
      now = std::max(now, std::min(*wake_at, now + absl::Seconds(30)));
    }
    if (upto(60) == 0) reader.Die();
  }
  // Nothing happens any more; a rescan comes an hour later at most.
  const absl::Time quiet_until = now + absl::Minutes(130);
  while (now < quiet_until) {
    const auto wake_at = reader.Step(platform, now);
    now = wake_at.has_value() ? std::max(*wake_at, now + absl::Milliseconds(1)) : now + absl::Milliseconds(100);
  }
  ASSERT_GT(ids.size(), 100u);
  for (const auto& [id, call] : platform.calls()) {
    const auto found = reader.read().find(id);
    ASSERT_NE(found, reader.read().end()) << id << " was never read";
    ASSERT_EQ(found->second, call.version) << id << " is out of date";
  }
  RecordProperty("pages", static_cast<int>(reader.pages()));
}
INSTANTIATE_TEST_SUITE_P(Platforms, AnyHistory, testing::Combine(testing::Range(0, 3), testing::Range(1, 9)),
                         [](const auto& chosen) {
                           return std::string(kKinds[std::get<0>(chosen.param)].name) + "_" +
                                  std::to_string(std::get<1>(chosen.param));
                         });

TEST(ChangeWalkTest, TheMarkIsTheLatestChangeOfTheFirstPageThoughLaterOnesAreSeen) {
  const absl::Time start = absl::FromUnixSeconds(1'772'460'000);
  const absl::Time now = start + absl::Hours(2);
  PassRun run = BeginWalk({.page_size = 2}, start, now);
  Sequel sequel = AfterWalkPage(run,
                                {.records = 2,
                                 .latest_change = start + absl::Minutes(90),
                                 .earliest_change = start + absl::Minutes(80),
                                 .next = tracking::Position{"page", "2"}},
                                now);
  ASSERT_EQ(sequel.kind, Sequel::Kind::kNextPage);
  sequel = AfterWalkPage(*sequel.run,
                         {.records = 2,
                          .latest_change = start + absl::Minutes(100),
                          .earliest_change = start - absl::Minutes(1),
                          .next = tracking::Position{"page", "3"}},
                         now);
  EXPECT_EQ(sequel.kind, Sequel::Kind::kRunFinished);
  EXPECT_EQ(sequel.watermark, start + absl::Minutes(90));
}

TEST(ChangeWalkTest, AnEmptyListMovesNothing) {
  const absl::Time now = absl::FromUnixSeconds(1'772'460'000);
  const Sequel sequel = AfterWalkPage(BeginWalk({}, now - absl::Hours(1), now), {}, now);
  EXPECT_EQ(sequel.kind, Sequel::Kind::kRunFinished);
  EXPECT_EQ(sequel.watermark, std::nullopt);
}

TEST(ChangeWalkTest, AListOfChangesIsNeverAskedForWithAnUpperEnd) {
  const absl::Time now = absl::FromUnixSeconds(1'772'460'000);
  const Pass pass{.procedure = Procedure::kChangeWalk, .uses_change_filter = true};
  const tracking::CallQuery query = QueryOf(pass, BeginWalk(pass, now - absl::Hours(1), now));
  EXPECT_EQ(query.to, absl::InfiniteFuture());
  EXPECT_EQ(query.from, now - absl::Hours(1));
  EXPECT_TRUE(query.last_changed_first);
}

class DayAllowanceTest : public testing::Test {
 protected:
  PassState State(Priority priority, absl::Duration period, int64_t pages) const {
    PassState state{.pass = {.name = "p", .priority = priority, .period = period}};
    state.pass.depth_from = absl::Hours(48);
    state.checkpoint.finished_at = input_.now;
    state.checkpoint.counters.pages = pages;
    return state;
  }
  PlanInput input_{.now = absl::FromUnixSeconds(1'772'460'000),
                   .server_now = absl::FromUnixSeconds(1'772'460'000),
                   .known_since = absl::FromUnixSeconds(1'772'000'000)};
};

TEST_F(DayAllowanceTest, PassesComeAsSeldomAsItLasts) {
  const PassState incremental = State(Priority::kIncremental, absl::Minutes(5), 2);
  EXPECT_EQ(DueAt(incremental, input_), input_.now + absl::Minutes(5)) << "without one";
  input_.allowance.per_day = 10'000;
  EXPECT_EQ(DueAt(incremental, input_), input_.now + absl::Minutes(5)) << "with enough";
  input_.allowance.per_day = 288;  // 576 pages a day are wanted, and half of it is for them
  EXPECT_EQ(DueAt(incremental, input_), input_.now + absl::Minutes(20));
  EXPECT_GT(DueAt(State(Priority::kRescan, absl::Minutes(5), 2), input_), input_.now + absl::Minutes(90))
      << "rescans give way first";
}

TEST_F(DayAllowanceTest, ARescanReachesAsFarBackAsTheRestLasts) {
  const PassState rescan = State(Priority::kRescan, absl::Hours(1), 100);
  input_.allowance = {.per_day = 1'000, .left = 50};
  EXPECT_EQ(BeginRun(rescan, input_)->window.from, input_.server_now - absl::Hours(24));
  input_.allowance.left = 0;
  EXPECT_EQ(BeginRun(rescan, input_), std::nullopt);
  input_.allowance.left = std::nullopt;
  EXPECT_EQ(BeginRun(rescan, input_)->window.from, input_.server_now - absl::Hours(48));
}

TEST_F(DayAllowanceTest, WhatMattersMostIsReadFirstPageByPage) {
  PassState backfill{.pass = RangePass("backfill:x", Priority::kBackfill, {})};
  backfill.checkpoint.run = BeginWindows(backfill.pass, input_.now - absl::Hours(48), input_.now, input_.now);
  PassState incremental = State(Priority::kIncremental, absl::Minutes(5), 1);
  EXPECT_EQ(PlanNext({backfill, incremental}, input_).pass, 0u) << "it is not due yet";
  incremental.checkpoint.finished_at = input_.now - absl::Minutes(5);
  EXPECT_EQ(PlanNext({backfill, incremental}, input_).pass, 1u) << "in the middle of a backfill";
}

}  // namespace
}  // namespace trunkline::tracking_sync
