#include "services/call-tracking-sync/reconciliation/provider_records.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/rpc/server.h"
#include "libs/telephony/timestamps.h"
#include "trunkline/control/v1/provider_call_service.grpc.pb.h"

namespace trunkline::tracking_sync {
namespace {

using control::v1::ListProviderCallsRequest;
using control::v1::ListProviderCallsResponse;

// Answers as the gateway does, and remembers what it was asked.
class Gateway final : public control::v1::ProviderCallService::Service {
 public:
  grpc::Status ListProviderCalls(grpc::ServerContext* context, const ListProviderCallsRequest* request,
                                 ListProviderCallsResponse* response) override {
    asked = *request;
    const auto& metadata = context->client_metadata();
    const auto key = metadata.find("authorization");
    authorization = key == metadata.end() ? std::string() : std::string(key->second.data(), key->second.size());
    *response = answer;
    return status;
  }

  ListProviderCallsRequest asked;
  std::string authorization;
  ListProviderCallsResponse answer;
  grpc::Status status = grpc::Status::OK;
};

class GatewayRecordsTest : public testing::Test {
 protected:
  control::v1::ProviderCall* AddCall(const std::string& id, calls::v1::CallStatus status) {
    control::v1::ProviderCall* call = gateway_.answer.add_calls();
    call->set_external_call_id(id);
    call->set_from("+12025550143");
    call->set_to("+13125550199");
    *call->mutable_created_at() = telephony::ToProto(at_);
    call->mutable_event()->set_status(status);
    return call;
  }
  absl::StatusOr<std::vector<ConversationSide>> List() {
    return records_->List({.business_id = "B",
                           .account_id = "A",
                           .to = "+13125550199",
                           .created_since = at_ - absl::Hours(1),
                           .created_before = at_ + absl::Hours(1)});
  }

  const absl::Time at_ = absl::FromUnixSeconds(1'780'000'000);
  Gateway gateway_;
  const std::unique_ptr<rpc::Server> server_ = *rpc::Server::Start({}, {&gateway_});
  const std::unique_ptr<ProviderRecords> records_ =
      MakeGatewayRecords({.address = Concat("127.0.0.1:", server_->port()), .service_token = "service-token"});
};

TEST_F(GatewayRecordsTest, TheGatewayIsAskedForWhatIsWantedWithTheServiceToken) {
  ASSERT_TRUE(List().ok());
  EXPECT_EQ(gateway_.asked.business_id(), "B");
  EXPECT_EQ(gateway_.asked.provider_account_id(), "A");
  EXPECT_EQ(gateway_.asked.to(), "+13125550199");
  EXPECT_EQ(telephony::FromProto(gateway_.asked.created_since()), at_ - absl::Hours(1));
  EXPECT_EQ(telephony::FromProto(gateway_.asked.created_before()), at_ + absl::Hours(1));
  EXPECT_EQ(gateway_.authorization, "Bearer service-token");
}

TEST_F(GatewayRecordsTest, WhatTheProviderTellsOfACallIsASideOfAConversation) {
  control::v1::ProviderCall* done = AddCall("X1", calls::v1::CALL_STATUS_COMPLETED);
  done->mutable_event()->mutable_details()->mutable_talk_duration()->set_seconds(42);
  done->mutable_event()->mutable_details()->mutable_cost()->set_currency("USD");
  done->mutable_event()->mutable_details()->mutable_cost()->set_micros(12'000);
  AddCall("X2", calls::v1::CALL_STATUS_RINGING);
  AddCall("X3", calls::v1::CALL_STATUS_NO_ANSWER);

  const auto sides = List();
  ASSERT_TRUE(sides.ok()) << sides.status();
  ASSERT_EQ(sides->size(), 3);
  EXPECT_EQ((*sides)[0].account_id, "A");
  EXPECT_EQ((*sides)[0].external_call_id, "X1");
  EXPECT_EQ((*sides)[0].call_id, "") << "it is no call of ours";
  EXPECT_EQ((*sides)[0].started_at, at_);
  EXPECT_TRUE((*sides)[0].is_over);
  EXPECT_TRUE((*sides)[0].was_answered);
  EXPECT_EQ((*sides)[0].talk_seconds, 42);
  EXPECT_EQ((*sides)[0].cost->micros(), 12'000);
  EXPECT_FALSE((*sides)[1].is_over);
  EXPECT_FALSE((*sides)[1].cost.has_value()) << "nothing is told of it";
  EXPECT_TRUE((*sides)[2].is_over);
  EXPECT_FALSE((*sides)[2].was_answered);
}

TEST_F(GatewayRecordsTest, ARefusalKeepsItsCode) {
  gateway_.status = {grpc::StatusCode::UNIMPLEMENTED, "the provider cannot list calls"};
  EXPECT_TRUE(absl::IsUnimplemented(List().status()));
  gateway_.status = {grpc::StatusCode::UNAVAILABLE, "later"};
  EXPECT_TRUE(absl::IsUnavailable(List().status()));
}

TEST_F(GatewayRecordsTest, AGatewayThatIsGoneIsAnError) {
  const auto records = MakeGatewayRecords(
      {.address = "127.0.0.1:1", .service_token = "service-token", .timeout = absl::Milliseconds(500)});
  EXPECT_FALSE(records->List({.business_id = "B", .account_id = "A"}).ok());
}

}  // namespace
}  // namespace trunkline::tracking_sync
