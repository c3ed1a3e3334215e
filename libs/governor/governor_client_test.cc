#include "libs/governor/governor_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <thread>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/server.h"

namespace trunkline::governor {
namespace {

constexpr std::chrono::seconds kPatience(20);
// Nobody listens there.
constexpr char kNobody[] = "127.0.0.1:1";

absl::Status NotLeader(const std::string& leader) {
  if (leader.empty()) return Error(absl::StatusCode::kUnavailable, Reason::REASON_NOT_LEADER, "nobody decides");
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_NOT_LEADER, "another one does",
               {{"leader", leader}});
}

// One replica of a governor: answers as it is told, and counts its questions.
class Replica final : public v1::GovernorService::Service {
 public:
  std::string address() const { return Concat("127.0.0.1:", server_->port()); }
  int asked() const { return asked_; }
  void Answer(absl::Status answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  // Questions wait until they are cancelled.
  void Hang() { hangs_ = true; }
  bool AwaitAsked(int wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return asked_ >= wanted; });
  }

  grpc::Status AcquireSlots(grpc::ServerContext* context, const v1::AcquireSlotsRequest* request,
                            v1::AcquireSlotsResponse* response) override {
    absl::Status answer;
    {
      const std::lock_guard lock(mutex_);
      ++asked_;
      answer = answer_;
    }
    changed_.notify_all();
    while (hangs_ && !context->IsCancelled()) std::this_thread::yield();
    if (answer.ok()) response->add_results()->mutable_slot()->set_slot_id(request->slots(0).request_id());
    return rpc::ToGrpc(answer);
  }
  grpc::Status ReleaseSlot(grpc::ServerContext* /*context*/, const v1::ReleaseSlotRequest* /*request*/,
                           v1::ReleaseSlotResponse* /*response*/) override {
    const std::lock_guard lock(mutex_);
    ++asked_;
    return rpc::ToGrpc(answer_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status answer_;
  std::atomic<int> asked_ = 0;
  std::atomic<bool> hangs_ = false;
  std::unique_ptr<rpc::Server> server_ = *rpc::Server::Start({}, {this});
};

class GovernorClientTest : public testing::Test {
 protected:
  static v1::AcquireSlotsRequest Wish() {
    v1::AcquireSlotsRequest request;
    request.add_slots()->set_request_id("request");
    return request;
  }
  // The answer that comes later; each must come once.
  static absl::StatusOr<v1::AcquireSlotsResponse> Later(GovernorClient& client) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<v1::AcquireSlotsResponse>>>();
    client.AcquireSlotsLater(
        Wish(), [promise](absl::StatusOr<v1::AcquireSlotsResponse> answer) { promise->set_value(std::move(answer)); });
    auto answer = promise->get_future();
    if (answer.wait_for(kPatience) != std::future_status::ready) return absl::DeadlineExceededError("no answer came");
    return answer.get();
  }
  static GovernorClient::Options Of(std::vector<std::string> addresses) {
    return {.addresses = std::move(addresses), .service_token = "token"};
  }

  Replica one_;
  Replica two_;
};

TEST_F(GovernorClientTest, TheAnswerComesLater) {
  GovernorClient client(Of({one_.address()}));
  const auto answer = Later(client);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).slot().slot_id(), "request");
}

TEST_F(GovernorClientTest, TheLeaderThatIsNamedIsAskedAtOnceAndFromThenOn) {
  one_.Answer(NotLeader(two_.address()));
  GovernorClient client(Of({one_.address()}));
  EXPECT_TRUE(Later(client).ok());
  EXPECT_TRUE(Later(client).ok());
  EXPECT_EQ(one_.asked(), 1);
  EXPECT_EQ(two_.asked(), 2);
}

TEST_F(GovernorClientTest, ReplicasThatNameEachOtherAreNotAskedForEver) {
  one_.Answer(NotLeader(two_.address()));
  two_.Answer(NotLeader(one_.address()));
  GovernorClient client(Of({one_.address()}));
  EXPECT_EQ(ReasonOf(Later(client).status()), Reason::REASON_NOT_LEADER);
  EXPECT_EQ(one_.asked() + two_.asked(), 3);
}

TEST_F(GovernorClientTest, WhereNobodyIsThatIsToldAndTheNextQuestionGoesToTheNextReplica) {
  GovernorClient client(Of({kNobody, one_.address()}));
  EXPECT_EQ(Later(client).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Later(client).ok());
}

TEST_F(GovernorClientTest, WhileNobodyLeadsThatIsTold) {
  one_.Answer(NotLeader(""));
  GovernorClient client(Of({one_.address(), two_.address()}));
  EXPECT_EQ(ReasonOf(Later(client).status()), Reason::REASON_NOT_LEADER);
  EXPECT_EQ(one_.asked(), 1);
  EXPECT_TRUE(Later(client).ok());
  EXPECT_EQ(two_.asked(), 1);
}

TEST_F(GovernorClientTest, ARefusalIsToldAndNobodyElseIsAsked) {
  one_.Answer(WithRetryAfter(
      Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "no slot is free"), absl::Seconds(3)));
  GovernorClient client(Of({one_.address(), two_.address()}));
  const absl::Status refused = Later(client).status();
  EXPECT_EQ(ReasonOf(refused), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(3));
  EXPECT_EQ(one_.asked(), 1);
  EXPECT_EQ(two_.asked(), 0);
}

TEST_F(GovernorClientTest, AReplicaThatDoesNotAnswerIsNotWaitedForLongerThanAllowed) {
  one_.Hang();
  GovernorClient::Options options = Of({one_.address(), two_.address()});
  options.try_limit = absl::Seconds(3);
  GovernorClient client(std::move(options));
  EXPECT_EQ(Later(client).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Later(client).ok()) << "the next one is asked";
}

TEST_F(GovernorClientTest, WhatIsUnderWayAtTheEndIsToldThatItIsCancelled) {
  one_.Hang();
  std::vector<absl::Status> told;
  std::mutex mutex;
  {
    GovernorClient::Options options = Of({one_.address()});
    options.try_limit = absl::Minutes(10);
    GovernorClient client(std::move(options));
    for (int i = 0; i < 3; ++i) {
      client.AcquireSlotsLater(Wish(), [&](const absl::StatusOr<v1::AcquireSlotsResponse>& answer) {
        const std::lock_guard lock(mutex);
        told.push_back(answer.status());
      });
    }
    ASSERT_TRUE(one_.AwaitAsked(3));
  }
  ASSERT_EQ(told.size(), 3u) << "each of them, before the client is gone";
  for (const absl::Status& status : told) EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
}

// The questions that block.

TEST_F(GovernorClientTest, WhoeverBlocksIsAnsweredByTheLeaderWhereverItIs) {
  one_.Answer(NotLeader(two_.address()));
  GovernorClient client(Of({kNobody, one_.address()}));
  EXPECT_TRUE(client.ReleaseSlot({}).ok());
  EXPECT_EQ(two_.asked(), 1);
}

TEST_F(GovernorClientTest, WithoutALeaderWhoeverBlocksIsToldSoAfterAWhile) {
  one_.Answer(NotLeader(""));
  GovernorClient::Options options = Of({one_.address(), kNobody});
  options.patience = absl::Milliseconds(300);
  GovernorClient client(std::move(options));
  EXPECT_EQ(client.ReleaseSlot({}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_GT(one_.asked(), 1) << "it asks again and again";
}

}  // namespace
}  // namespace trunkline::governor
