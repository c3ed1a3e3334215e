#include "libs/serving/serving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "trunkline/plans/v1/call_plan_service.grpc.pb.h"

namespace trunkline::serving {
namespace {

using testing::HasSubstr;

class PlanService final : public plans::v1::CallPlanService::Service {
 public:
  grpc::Status GetCallPlan(grpc::ServerContext* /*context*/, const plans::v1::GetCallPlanRequest* /*request*/,
                           plans::v1::GetCallPlanResponse* /*response*/) override {
    return grpc::Status::OK;
  }
};

class ServingTest : public testing::Test {
 protected:
  absl::Status Call() {
    auto stub = plans::v1::CallPlanService::NewStub(rpc::MakeChannel(Concat("127.0.0.1:", serving_->grpc_port())));
    grpc::ClientContext context;
    rpc::Prepare(&context, absl::Seconds(5), "token");
    plans::v1::GetCallPlanResponse response;
    return rpc::FromGrpc(stub->GetCallPlan(&context, {}, &response));
  }
  http::Response Get(std::string_view path) {
    http::Client client({});
    return client.Send({.method = "GET", .url = Concat("http://127.0.0.1:", serving_->admin_port(), path)}).value();
  }
  absl::Status Ready() {
    const std::lock_guard lock(mutex_);
    return ready_;
  }

  PlanService service_;
  std::mutex mutex_;
  absl::Status ready_;
  std::unique_ptr<Serving> serving_ =
      Serving::Start({.grpc_address = "127.0.0.1", .admin_address = "127.0.0.1", .drain_limit = absl::Seconds(5)},
                     {.services = {&service_},
                      .metrics = [] { return std::string("up 1\n"); },
                      .ready = [this] { return Ready(); }})
          .value();
};

TEST_F(ServingTest, RequestsMetricsAndReadinessAreServed) {
  EXPECT_TRUE(Call().ok());
  EXPECT_EQ(Get("/metrics").body, "up 1\n");
  EXPECT_EQ(Get("/readyz").status, 200);
}

TEST_F(ServingTest, WhatIsMissingIsTold) {
  {
    const std::lock_guard lock(mutex_);
    ready_ = absl::UnavailableError("database is away");
  }
  const http::Response response = Get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("database is away"));
}

TEST_F(ServingTest, WhoeverLeavesIsNotReadyAndStillServes) {
  serving_->Leave();
  serving_->Leave();
  EXPECT_THAT(Get("/readyz").body, HasSubstr("stopping"));
  EXPECT_TRUE(Call().ok());
}

TEST_F(ServingTest, AfterTheDrainNobodyIsServedButTheOperator) {
  serving_->Leave();
  serving_->Drain();
  serving_->Drain();
  EXPECT_FALSE(Call().ok());
  EXPECT_EQ(Get("/metrics").status, 200);
}

TEST_F(ServingTest, APortThatIsTakenIsNamed) {
  const auto second =
      Serving::Start({.grpc_address = "127.0.0.1", .admin_address = "127.0.0.1", .admin_port = serving_->admin_port()},
                     {.ready = [] { return absl::OkStatus(); }});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(Concat(serving_->admin_port())));
}

}  // namespace
}  // namespace trunkline::serving
