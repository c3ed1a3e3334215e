#include "services/campaign-scheduler/dispatch/governor_slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <optional>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/server.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr std::chrono::seconds kPatience(20);
const absl::Time kEnd = absl::FromUnixSeconds(1'800'000'000);

absl::Status Refusal() {
  return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "no slot is free");
}

// A governor that does as it is told, and remembers in which order it was asked for what.
class FakeGovernor final : public governor::v1::GovernorService::Service {
 public:
  using Acquire =
      std::function<absl::StatusOr<governor::v1::AcquireSlotsResponse>(const governor::v1::AcquireSlotsRequest&)>;

  // A slot for each wish, unless it is told otherwise.
  void AnswerAcquire(Acquire answer) {
    const std::lock_guard lock(mutex_);
    acquire_ = std::move(answer);
  }
  void AnswerLimits(absl::Status answer) {
    const std::lock_guard lock(mutex_);
    limits_answer_ = std::move(answer);
  }
  void HoldLimits(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_limits_ = hold;
    changed_.notify_all();
  }
  void RefuseRelease(const std::string& slot_id) {
    const std::lock_guard lock(mutex_);
    kept_slot_ = slot_id;
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  bool AwaitAsked(size_t wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return asked_.size() >= wanted; });
  }
  governor::v1::AcquireSlotsRequest acquired() {
    const std::lock_guard lock(mutex_);
    return acquired_;
  }

  grpc::Status AcquireSlots(grpc::ServerContext* /*context*/, const governor::v1::AcquireSlotsRequest* request,
                            governor::v1::AcquireSlotsResponse* response) override {
    Acquire answer;
    {
      const std::lock_guard lock(mutex_);
      acquired_ = *request;
      Note(Concat("acquire ", request->slots_size()));
      answer = acquire_;
    }
    if (answer == nullptr) {
      for (const auto& wish : request->slots()) {
        response->add_results()->mutable_slot()->set_slot_id(Concat("slot of ", wish.request_id()));
      }
      return grpc::Status::OK;
    }
    const auto answered = answer(*request);
    if (answered.ok()) *response = *answered;
    return rpc::ToGrpc(answered.status());
  }
  grpc::Status SetLimits(grpc::ServerContext* /*context*/, const governor::v1::SetLimitsRequest* request,
                         governor::v1::SetLimitsResponse* /*response*/) override {
    std::unique_lock lock(mutex_);
    for (const auto& limit : request->limits()) {
      EXPECT_EQ(limit.level(), governor::v1::LEVEL_CAMPAIGN);
      Note(Concat("limit ", limit.subject_id(), " ", limit.max_concurrent_calls()));
    }
    for (const auto& cleared : request->cleared()) Note(Concat("no limit ", cleared.subject_id()));
    changed_.wait_for(lock, kPatience, [this] { return !hold_limits_; });
    return rpc::ToGrpc(limits_answer_);
  }
  grpc::Status ReleaseSlot(grpc::ServerContext* /*context*/, const governor::v1::ReleaseSlotRequest* request,
                           governor::v1::ReleaseSlotResponse* /*response*/) override {
    const std::lock_guard lock(mutex_);
    Note(Concat("release ", request->slot().business_id(), " ", request->slot().slot_id()));
    return request->slot().slot_id() == kept_slot_ ? rpc::ToGrpc(absl::InternalError("no")) : grpc::Status::OK;
  }

 private:
  void Note(std::string what) {
    asked_.push_back(std::move(what));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Acquire acquire_;
  absl::Status limits_answer_;
  bool hold_limits_ = false;
  std::string kept_slot_;
  std::vector<std::string> asked_;
  governor::v1::AcquireSlotsRequest acquired_;
};

class GovernorSlotsTest : public testing::Test {
 protected:
  GovernorSlotsTest() {
    campaign_.campaign_id = "campaign";
    campaign_.business_id = "business";
    campaign_.settings.set_provider_account_id("account");
    campaign_.settings.set_from("+16465550100");
  }
  ~GovernorSlotsTest() override { governor_.HoldLimits(false); }

  static AcquireSlots Wishes(int count, absl::Duration wait = absl::ZeroDuration()) {
    AcquireSlots wanted{.wait = wait};
    for (int i = 1; i <= count; ++i) wanted.wishes.push_back({Concat("request ", i), Concat("attempt ", i)});
    return wanted;
  }
  std::future<SlotsDecided> Ask(GovernorSlots& slots, const Campaign& campaign, const AcquireSlots& wanted) {
    auto promise = std::make_shared<std::promise<SlotsDecided>>();
    slots.Acquire(campaign, wanted, [promise](SlotsDecided decided) { promise->set_value(std::move(decided)); });
    return promise->get_future();
  }
  std::vector<SlotAnswer> Acquire(const AcquireSlots& wanted) {
    std::future<SlotsDecided> decided = Ask(slots_, campaign_, wanted);
    EXPECT_EQ(decided.wait_for(kPatience), std::future_status::ready);
    return decided.get().answers;
  }

  FakeGovernor governor_;
  std::unique_ptr<rpc::Server> server_ = *rpc::Server::Start({}, {&governor_});
  // On a busy machine an answer takes its time.
  governor::GovernorClient client_{
      {.addresses = {Concat("127.0.0.1:", server_->port())}, .service_token = "token", .try_limit = absl::Seconds(20)}};
  GovernorSlots slots_{client_};
  Campaign campaign_;
};

TEST_F(GovernorSlotsTest, TheQuestionSaysForWhomEachSlotIsAndHowLongItMayWait) {
  Acquire(Wishes(2, absl::Milliseconds(1'500)));
  const governor::v1::AcquireSlotsRequest request = governor_.acquired();
  EXPECT_EQ(telephony::FromProto(request.wait()), absl::Milliseconds(1'500));
  ASSERT_THAT(request.slots(), SizeIs(2));
  EXPECT_EQ(request.slots(1).request_id(), "request 2");
  EXPECT_EQ(request.slots(1).kind(), governor::v1::SLOT_KIND_ORDINARY);
  EXPECT_EQ(request.slots(1).subject().business_id(), "business");
  EXPECT_EQ(request.slots(1).subject().provider_account_id(), "account");
  EXPECT_EQ(request.slots(1).subject().caller_number(), "+16465550100");
  EXPECT_EQ(request.slots(1).subject().campaign_id(), "campaign");
  Acquire(Wishes(1));
  EXPECT_FALSE(governor_.acquired().has_wait());
}

TEST_F(GovernorSlotsTest, EachWishHasItsAnswer) {
  governor_.AnswerAcquire([](const auto&) {
    governor::v1::AcquireSlotsResponse response;
    response.add_results()->mutable_slot()->set_slot_id("reserved");
    *response.mutable_results(0)->mutable_slot()->mutable_expires_at() = telephony::ToProto(kEnd);
    response.add_results()->mutable_slot()->set_slot_id("bound");
    auto* refused = response.add_results();
    refused->mutable_error()->set_code(static_cast<int>(absl::StatusCode::kResourceExhausted));
    refused->mutable_error()->set_reason(Reason::REASON_LIMIT_REACHED);
    *refused->mutable_retry_delay() = telephony::ToProto(absl::Seconds(3));
    return response;
  });
  const std::vector<SlotAnswer> answers = Acquire(Wishes(3));
  ASSERT_THAT(answers, SizeIs(3));
  EXPECT_TRUE(answers[0].status.ok());
  EXPECT_EQ(answers[0].wish.request_id, "request 1");
  EXPECT_EQ(answers[0].slot_id, "reserved");
  EXPECT_EQ(answers[0].expires_at, kEnd);
  EXPECT_EQ(answers[1].slot_id, "bound");
  EXPECT_EQ(answers[1].expires_at, absl::InfiniteFuture());
  EXPECT_EQ(ReasonOf(answers[2].status), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(answers[2].wish.attempt_id, "attempt 3");
  EXPECT_EQ(answers[2].slot_id, "");
  EXPECT_EQ(answers[2].retry_after, absl::Seconds(3));
}

TEST_F(GovernorSlotsTest, WhatIsNeitherASlotNorAnErrorIsARefusal) {
  governor_.AnswerAcquire([](const auto&) {
    governor::v1::AcquireSlotsResponse response;
    response.add_results();
    response.add_results()->mutable_slot();
    response.add_results()->mutable_error()->set_message("of code OK");
    return response;
  });
  for (const SlotAnswer& answer : Acquire(Wishes(3))) {
    EXPECT_EQ(answer.status.code(), absl::StatusCode::kResourceExhausted) << answer.wish.request_id;
  }
}

TEST_F(GovernorSlotsTest, AnErrorOfTheWholeQuestionIsEachWishsAnswer) {
  governor_.AnswerAcquire([](const auto&) { return WithRetryAfter(Refusal(), absl::Seconds(2)); });
  const std::vector<SlotAnswer> answers = Acquire(Wishes(2));
  ASSERT_THAT(answers, SizeIs(2));
  for (const SlotAnswer& answer : answers) {
    EXPECT_EQ(ReasonOf(answer.status), Reason::REASON_LIMIT_REACHED);
    EXPECT_EQ(answer.retry_after, absl::Seconds(2));
  }
}

TEST_F(GovernorSlotsTest, AnAnswerWithMoreOrLessThanWasAskedForIsTakenForNone) {
  for (const int results : {0, 1, 3}) {
    governor_.AnswerAcquire([results](const auto&) {
      governor::v1::AcquireSlotsResponse response;
      for (int i = 0; i < results; ++i) response.add_results()->mutable_slot()->set_slot_id("slot");
      return response;
    });
    const std::vector<SlotAnswer> answers = Acquire(Wishes(2));
    ASSERT_THAT(answers, SizeIs(2));
    for (const SlotAnswer& answer : answers) EXPECT_EQ(answer.status.code(), absl::StatusCode::kInternal);
  }
}

TEST_F(GovernorSlotsTest, WithoutAGovernorThatIsToldSoon) {
  governor::GovernorClient away({.addresses = {"127.0.0.1:1"}, .service_token = "token"});
  GovernorSlots slots(away);
  std::future<SlotsDecided> decided = Ask(slots, campaign_, Wishes(1));
  ASSERT_EQ(decided.wait_for(kPatience), std::future_status::ready);
  const SlotsDecided told = decided.get();
  ASSERT_THAT(told.answers, SizeIs(1));
  EXPECT_EQ(told.answers[0].status.code(), absl::StatusCode::kUnavailable) << told.answers[0].status;
}

// Limits of a campaign.

TEST_F(GovernorSlotsTest, NoSlotIsAskedForBeforeTheCampaignsLimitIsInForce) {
  governor_.HoldLimits(true);
  slots_.LimitCampaign("campaign", 3);
  std::future<SlotsDecided> decided = Ask(slots_, campaign_, Wishes(1));
  ASSERT_TRUE(governor_.AwaitAsked(1));
  Campaign other = campaign_;
  other.campaign_id = "other";
  std::future<SlotsDecided> of_other = Ask(slots_, other, Wishes(2));
  ASSERT_EQ(of_other.wait_for(kPatience), std::future_status::ready) << "others do not wait for it";
  EXPECT_EQ(decided.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_THAT(governor_.asked(), ElementsAre("limit campaign 3", "acquire 2"));
  governor_.HoldLimits(false);
  ASSERT_EQ(decided.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(decided.get().answers.at(0).status.ok());
  EXPECT_THAT(governor_.asked(), ElementsAre("limit campaign 3", "acquire 2", "acquire 1"));
}

TEST_F(GovernorSlotsTest, WhileTheLimitCannotBeSetNobodyIsCalledAndItIsTriedAgain) {
  governor_.AnswerLimits(absl::InternalError("the journal is full"));
  slots_.LimitCampaign("campaign", 3);
  const std::vector<SlotAnswer> answers = Acquire(Wishes(2));
  ASSERT_THAT(answers, SizeIs(2));
  for (const SlotAnswer& answer : answers) EXPECT_EQ(answer.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(governor_.asked(), ElementsAre("limit campaign 3", "limit campaign 3"));
  governor_.AnswerLimits(absl::OkStatus());
  EXPECT_TRUE(Acquire(Wishes(1)).at(0).status.ok());
  EXPECT_TRUE(Acquire(Wishes(1)).at(0).status.ok());
  EXPECT_THAT(governor_.asked(),
              ElementsAre("limit campaign 3", "limit campaign 3", "limit campaign 3", "acquire 1", "acquire 1"))
      << "and when it is in force, it is not set again";
}

TEST_F(GovernorSlotsTest, TheLatestLimitIsTheOneInForce) {
  governor_.HoldLimits(true);
  slots_.LimitCampaign("campaign", 3);
  ASSERT_TRUE(governor_.AwaitAsked(1));
  slots_.LimitCampaign("campaign", 7);
  slots_.LimitCampaign("campaign", 0);
  governor_.HoldLimits(false);
  EXPECT_TRUE(Acquire(Wishes(1)).at(0).status.ok());
  EXPECT_THAT(governor_.asked(), ElementsAre("limit campaign 3", "no limit campaign", "acquire 1"));
}

// Slots that are given back.

TEST_F(GovernorSlotsTest, EachSlotIsGivenBackWhateverBecomesOfAnother) {
  governor_.RefuseRelease("one");
  slots_.Release("business", {"one", "two"});
  ASSERT_TRUE(governor_.AwaitAsked(2));
  EXPECT_THAT(governor_.asked(), ElementsAre("release business one", "release business two"));
}

TEST_F(GovernorSlotsTest, ItEndsWhileAQuestionIsUnderWay) {
  governor_.HoldLimits(true);
  std::atomic<int> told = 0;
  {
    governor::GovernorClient client({.addresses = {Concat("127.0.0.1:", server_->port())},
                                     .service_token = "token",
                                     .try_limit = absl::Milliseconds(200),
                                     .patience = absl::Milliseconds(200)});
    GovernorSlots slots(client);
    slots.LimitCampaign("campaign", 3);
    for (int i = 0; i < 3; ++i) slots.Acquire(campaign_, Wishes(1), [&](const SlotsDecided&) { ++told; });
    ASSERT_TRUE(governor_.AwaitAsked(1));
  }
  EXPECT_LE(told, 3);
  const int by_then = told;
  governor_.HoldLimits(false);
  EXPECT_THAT(Acquire(Wishes(1)), SizeIs(1));
  EXPECT_EQ(told, by_then) << "after its end nobody is told";
}

}  // namespace
}  // namespace trunkline::scheduler
