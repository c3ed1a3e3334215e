#include "libs/rpc/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/in_process_client.h"
#include "libs/rpc/method.h"
#include "trunkline/plans/v1/call_plan_service.grpc.pb.h"

namespace trunkline::rpc {
namespace {

using plans::v1::GetCallPlanRequest;
using plans::v1::GetCallPlanResponse;

class PlanService final : public plans::v1::CallPlanService::Service {
 public:
  explicit PlanService(const Methods& methods) : methods_(methods) {}

  grpc::Status GetCallPlan(grpc::ServerContext* context, const GetCallPlanRequest* request,
                           GetCallPlanResponse* /*response*/) override {
    return methods_.Unary("CallPlanService/GetCallPlan", context, [&](const Caller&) -> absl::Status {
      if (request->step() == "throw") throw std::runtime_error("a secret of the inside");
      if (request->step() == "missing") {
        return Error(absl::StatusCode::kNotFound, Reason::REASON_NO_CALL_PLAN, "no plan");
      }
      return absl::OkStatus();
    });
  }

 private:
  const Methods& methods_;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() : server_(*Server::Start({}, {&service_})) {}

  absl::Status Call(const std::string& step, const std::string& key) {
    auto stub = plans::v1::CallPlanService::NewStub(MakeChannel(Concat("127.0.0.1:", server_->port())));
    grpc::ClientContext context;
    Prepare(&context, absl::Seconds(5), key);
    context.set_wait_for_ready(true);
    GetCallPlanRequest request;
    request.set_step(step);
    GetCallPlanResponse response;
    return FromGrpc(stub->GetCallPlan(&context, request, &response));
  }

  // The same without a socket.
  absl::Status CallHere(const std::string& step, const std::string& authorization,
                        const std::string& method = "trunkline.plans.v1.CallPlanService/GetCallPlan") {
    GetCallPlanRequest request;
    request.set_step(step);
    std::promise<absl::Status> answered;
    client_.Ask({.method = method, .authorization = authorization, .request = request.SerializeAsString()},
                [&answered](const absl::StatusOr<std::string>& answer) { answered.set_value(answer.status()); });
    return answered.get_future().get();
  }

  SystemClock clock_;
  metrics::Registry metrics_;
  ServiceAuthenticator authenticator_{"token"};
  Methods methods_{authenticator_, metrics_, clock_};
  PlanService service_{methods_};
  std::unique_ptr<Server> server_;
  InProcessClient client_{server_->InProcessChannel()};
};

TEST_F(ServerTest, OnlyTheRightKeyComesIn) {
  EXPECT_TRUE(Call("", "token").ok());
  EXPECT_EQ(ReasonOf(Call("", "other")), Reason::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(Call("", "")), Reason::REASON_UNAUTHENTICATED);
}

TEST_F(ServerTest, ReasonsReachTheClient) {
  EXPECT_EQ(ReasonOf(Call("missing", "token")), Reason::REASON_NO_CALL_PLAN);
}

TEST_F(ServerTest, AnExceptionIsAFaultOfOursAndTellsNothing) {
  const absl::Status status = Call("throw", "token");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(status), Reason::REASON_INTERNAL);
  EXPECT_THAT(std::string(status.message()), ::testing::Not(::testing::HasSubstr("inside")));
}

TEST_F(ServerTest, EveryAnswerIsCounted) {
  Call("", "token").IgnoreError();
  EXPECT_THAT(
      metrics_.Text(),
      ::testing::HasSubstr("trunkline_rpc_requests_total{code=\"OK\",method=\"CallPlanService/GetCallPlan\"} 1"));
}

TEST_F(ServerTest, AMethodIsTheSameWithoutASocket) {
  EXPECT_TRUE(CallHere("", "Bearer token").ok());
  EXPECT_EQ(ReasonOf(CallHere("", "Bearer other")), Reason::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(CallHere("", "")), Reason::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(CallHere("missing", "bearer token")), Reason::REASON_NO_CALL_PLAN);
  EXPECT_EQ(CallHere("", "Bearer token", "trunkline.nothing.v1.Nothing/Here").code(), absl::StatusCode::kUnimplemented);
}

TEST_F(ServerTest, AHeaderThatGrpcDoesNotTakeIsNoKey) {
  for (const char* header : {"Bearer to\nken", "Bearer \xff", "Bearer token\x7f"}) {
    EXPECT_EQ(ReasonOf(CallHere("", header)), Reason::REASON_UNAUTHENTICATED);
  }
}

}  // namespace
}  // namespace trunkline::rpc
