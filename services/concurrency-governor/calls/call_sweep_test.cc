#include "services/concurrency-governor/calls/call_sweep.h"

#include <gmock/gmock.h>

#include <future>
#include <map>
#include <vector>

#include "services/concurrency-governor/testing/governor_fixture.h"

namespace trunkline::governor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Knows of some calls.
class ScriptedInquiry final : public CallInquiry {
 public:
  CallLife Ask(const std::string& /*business_id*/, const std::string& call_id) override {
    asked.push_back(call_id);
    const auto found = lives.find(call_id);
    return found == lives.end() ? CallLife::kUnknown : found->second;
  }

  std::map<std::string, CallLife> lives;
  std::vector<std::string> asked;
};

class CallSweepTest : public GovernorFixture {
 protected:
  void Begin(const std::string& call_id) {
    ASSERT_TRUE(loop_
                    .DoAndWait([&](SlotLedger& ledger, absl::Time now) {
                      ledger.NoteCall(
                          {.call_id = call_id, .subject = {.business_id = kBusiness}, .inbound = true, .at = now}, now);
                      return absl::OkStatus();
                    })
                    .ok());
  }
  std::vector<std::string> LiveCalls() {
    std::vector<std::string> calls;
    EXPECT_TRUE(loop_
                    .DoAndWait([&](SlotLedger& ledger, absl::Time /*now*/) {
                      for (const Slot& slot : ledger.LiveSlots()) calls.push_back(slot.call_id);
                      return absl::OkStatus();
                    })
                    .ok());
    return calls;
  }
  std::vector<std::string> Sweep() {
    inquiry_.asked.clear();
    EXPECT_TRUE(sweep_.AskAboutSilent().ok());
    return inquiry_.asked;
  }
  std::vector<std::string> LookForUnheard() {
    inquiry_.asked.clear();
    EXPECT_TRUE(sweep_.AskAboutUnheard().ok());
    return inquiry_.asked;
  }
  // A slot of a call, which its gateway asks for before it commits the call.
  void Acquire(const std::string& call_id) {
    std::promise<bool> granted;
    loop_.AcquireAll({{.request_id = call_id + "/1", .subject = {.business_id = kBusiness}, .call_id = call_id}},
                     absl::ZeroDuration(), [&granted](size_t /*index*/, const absl::StatusOr<Decision>& decision) {
                       granted.set_value(decision.ok() && decision->outcome == Decision::Outcome::kGranted);
                     });
    ASSERT_TRUE(granted.get_future().get());
  }

  ScriptedInquiry inquiry_;
  CallSweep sweep_{loop_, inquiry_, metrics_};
};

TEST_F(CallSweepTest, ASilentCallIsAskedAboutAndOnlyTheEndOfItFreesItsSlot) {
  inquiry_.lives = {{"alive", CallLife::kAlive}, {"ended", CallLife::kEnded}};
  for (const char* call : {"alive", "ended", "unknown"}) Begin(call);
  clock_.Advance(absl::Minutes(9));
  EXPECT_THAT(Sweep(), IsEmpty());
  clock_.Advance(absl::Minutes(1));
  Begin("new");
  EXPECT_THAT(Sweep(), UnorderedElementsAre("alive", "ended", "unknown"));
  EXPECT_THAT(LiveCalls(), UnorderedElementsAre("alive", "unknown", "new"));
  EXPECT_THAT(registry_.Text(), HasSubstr("trunkline_governor_unknown_calls 1"));
  EXPECT_THAT(registry_.Text(), HasSubstr("trunkline_governor_releases_total{reason=\"found_ended\"} 1"));
  EXPECT_THAT(Sweep(), ElementsAre("unknown")) << "what is alive has given news";
}

TEST_F(CallSweepTest, ACallThatWasNeverHeardOfIsAskedAboutSoon) {
  inquiry_.lives = {{"never was", CallLife::kEnded}, {"comes again", CallLife::kAlive}};
  for (const char* call : {"heard of", "never was", "comes again"}) Acquire(call);
  Begin("heard of");
  Begin("inbound");
  clock_.Advance(absl::Seconds(100));
  Acquire("comes again");  // its gateway is still at it
  EXPECT_THAT(LookForUnheard(), IsEmpty());
  clock_.Advance(absl::Seconds(20));
  EXPECT_THAT(LookForUnheard(), ElementsAre("never was"));
  EXPECT_THAT(LiveCalls(), UnorderedElementsAre("heard of", "inbound", "comes again"));
  clock_.Advance(absl::Seconds(100));
  EXPECT_THAT(LookForUnheard(), ElementsAre("comes again"));
  clock_.Advance(absl::Minutes(5));
  EXPECT_THAT(LookForUnheard(), IsEmpty()) << "it was heard of by now";
  EXPECT_THAT(LiveCalls(), UnorderedElementsAre("heard of", "inbound", "comes again"));
}

TEST_F(CallSweepTest, WhatNobodyCanTellAboutIsGivenUpAtLast) {
  Begin("unknown");
  clock_.Advance(absl::Hours(3));
  Sweep();
  EXPECT_THAT(LiveCalls(), ElementsAre("unknown"));
  clock_.Advance(absl::Hours(1));
  Sweep();
  EXPECT_THAT(LiveCalls(), IsEmpty());
  EXPECT_THAT(registry_.Text(), HasSubstr("trunkline_governor_releases_total{reason=\"lifetime_over\"} 1"));
}

}  // namespace
}  // namespace trunkline::governor
