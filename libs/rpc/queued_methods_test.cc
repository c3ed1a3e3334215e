#include "libs/rpc/queued_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/server.h"
#include "trunkline/plans/v1/call_plan_service.grpc.pb.h"

namespace trunkline::rpc {
namespace {

using plans::v1::CallPlanService;
using plans::v1::GetCallPlanRequest;
using plans::v1::GetCallPlanResponse;

class BlockingPlanService final : public CallPlanService::CallbackService {
 public:
  explicit BlockingPlanService(const QueuedMethods& methods) : methods_(methods) {}

  grpc::ServerUnaryReactor* GetCallPlan(grpc::CallbackServerContext* context, const GetCallPlanRequest* request,
                                        GetCallPlanResponse* /*response*/) override {
    return methods_.Unary("CallPlanService/GetCallPlan", context, [this, request](const Caller&) -> absl::Status {
      if (request->step() == "throw") throw std::runtime_error("a secret of the inside");
      if (request->step() == "block") {
        ++begun;
        begun.notify_all();
        go_on.wait();
      }
      return absl::OkStatus();
    });
  }

  std::atomic<int> begun = 0;
  std::latch go_on{1};

 private:
  const QueuedMethods& methods_;
};

class QueuedMethodsTest : public ::testing::Test {
 protected:
  struct Pending {
    grpc::ClientContext context;
    GetCallPlanRequest request;
    GetCallPlanResponse response;
    std::atomic<bool> is_answered = false;
    absl::Status status;
  };

  std::unique_ptr<Pending> Ask(const std::string& step, const std::string& key = "token") {
    auto pending = std::make_unique<Pending>();
    Prepare(&pending->context, absl::Seconds(60), key);
    pending->context.set_wait_for_ready(true);
    pending->request.set_step(step);
    stub_->async()->GetCallPlan(&pending->context, &pending->request, &pending->response,
                                [asked = pending.get()](const grpc::Status& status) {
                                  asked->status = FromGrpc(status);
                                  asked->is_answered = true;
                                  asked->is_answered.notify_all();
                                });
    return pending;
  }
  static absl::Status AnswerTo(const std::unique_ptr<Pending>& pending) {
    pending->is_answered.wait(false);
    return pending->status;
  }

  SystemClock clock_;
  metrics::Registry metrics_;
  ServiceAuthenticator authenticator_{"token"};
  const Methods methods_{authenticator_, metrics_, clock_};
  WorkQueue queue_{/*most_threads=*/1, /*most_waiting=*/1};
  const QueuedMethods queued_{methods_, queue_};
  BlockingPlanService service_{queued_};
  std::unique_ptr<Server> server_ = *Server::Start({}, {&service_});
  std::unique_ptr<CallPlanService::Stub> stub_ =
      CallPlanService::NewStub(MakeChannel(Concat("127.0.0.1:", server_->port())));
};

TEST_F(QueuedMethodsTest, ACallWaitsForAThreadAndOneTooManyIsToldToComeAgain) {
  const auto first = Ask("block");
  service_.begun.wait(0);
  // Which of the two is taken first does not matter: one waits, the other finds no room.
  const std::unique_ptr<Pending> others[] = {Ask(""), Ask("")};
  while (!others[0]->is_answered && !others[1]->is_answered) std::this_thread::yield();
  const size_t refused = others[0]->is_answered ? 0 : 1;
  const absl::Status status = AnswerTo(others[refused]);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(ReasonOf(status), Reason::REASON_LIMIT_REACHED);
  EXPECT_TRUE(RetryAfterOf(status).has_value());
  EXPECT_FALSE(first->is_answered);

  service_.go_on.count_down();
  EXPECT_TRUE(AnswerTo(first).ok());
  EXPECT_TRUE(AnswerTo(others[1 - refused]).ok());
  EXPECT_THAT(
      metrics_.Text(),
      ::testing::HasSubstr(
          "trunkline_rpc_requests_total{code=\"RESOURCE_EXHAUSTED\",method=\"CallPlanService/GetCallPlan\"} 1"));
}

TEST_F(QueuedMethodsTest, TheKeyIsCheckedAndAnExceptionTellsNothing) {
  EXPECT_EQ(ReasonOf(AnswerTo(Ask("", "other"))), Reason::REASON_UNAUTHENTICATED);
  const absl::Status status = AnswerTo(Ask("throw"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), ::testing::Not(::testing::HasSubstr("inside")));
  EXPECT_TRUE(AnswerTo(Ask("")).ok());
}

}  // namespace
}  // namespace trunkline::rpc
