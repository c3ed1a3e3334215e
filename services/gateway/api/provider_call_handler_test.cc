#include "services/gateway/api/provider_call_handler.h"

#include "libs/rpc/authenticator.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/server.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using control::v1::ListProviderCallsRequest;
using control::v1::ListProviderCallsResponse;
using control::v1::ProviderCallService;

constexpr char kServiceToken[] = "the-token-of-the-services";

class ProviderCallHandlerTest : public GatewayFixture {
 protected:
  ListProviderCallsRequest Ask() const {
    ListProviderCallsRequest request;
    request.set_business_id(kOurs);
    request.set_provider_account_id(our_account_);
    request.set_to(kCalled);
    *request.mutable_created_since() = telephony::ToProto(clock_.Now() - absl::Hours(2));
    *request.mutable_created_before() = telephony::ToProto(clock_.Now());
    return request;
  }
  absl::StatusOr<ListProviderCallsResponse> List(const ListProviderCallsRequest& request,
                                                 const std::string& token = kServiceToken) {
    const auto stub = ProviderCallService::NewStub(rpc::MakeChannel(Concat("127.0.0.1:", server_->port())));
    grpc::ClientContext context;
    rpc::Prepare(&context, absl::Seconds(10), token);
    ListProviderCallsResponse response;
    if (const absl::Status status = rpc::FromGrpc(stub->ListProviderCalls(&context, request, &response));
        !status.ok()) {
      return status;
    }
    return response;
  }

  rpc::ServiceAuthenticator service_token_{kServiceToken};
  rpc::Methods methods_{service_token_, registry_of_metrics_, clock_};
  ProviderCallHandler handler_{methods_, directory_, registry_};
  std::unique_ptr<rpc::Server> server_ = *rpc::Server::Start({.address = "127.0.0.1", .port = 0}, {&handler_});
};

TEST_F(ProviderCallHandlerTest, TheProvidersCallsComeAsTheyAre) {
  client_.listed = std::vector<providers::ProviderCall>{ListedCall("X1", clock_.Now() - absl::Hours(1)),
                                                        ListedCall("X2", clock_.Now() - absl::Minutes(1))};
  const absl::StatusOr<ListProviderCallsResponse> calls = List(Ask());
  ASSERT_TRUE(calls.ok()) << calls.status();
  ASSERT_EQ(calls->calls_size(), 2);
  EXPECT_EQ(calls->calls(0).external_call_id(), "X1");
  EXPECT_EQ(telephony::FromProto(calls->calls(0).created_at()), clock_.Now() - absl::Hours(1));
  EXPECT_EQ(calls->calls(1).external_call_id(), "X2");
  const providers::CallFilter filter = client_.filter();
  EXPECT_EQ(filter.to, kCalled);
  EXPECT_EQ(filter.from, "");
  EXPECT_EQ(filter.created_since, clock_.Now() - absl::Hours(2));
  EXPECT_EQ(filter.created_before, clock_.Now());
}

TEST_F(ProviderCallHandlerTest, OnlyOurOwnServicesMayAsk) {
  EXPECT_EQ(List(Ask(), "another-token").status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(List(Ask(), "").status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(ProviderCallHandlerTest, AnAccountIsThatOfTheBusinessThatIsNamed) {
  ListProviderCallsRequest request = Ask();
  request.set_provider_account_id(their_account_);
  EXPECT_EQ(List(request).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ProviderCallHandlerTest, AProviderThatFailsGivesAnErrorAndNoPartOfAList) {
  client_.listed = absl::UnavailableError("down");
  EXPECT_EQ(List(Ask()).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ProviderCallHandlerTest, BadInputIsNamedBeforeTheProviderIsAsked) {
  ListProviderCallsRequest no_end = Ask();
  no_end.clear_created_before();
  EXPECT_EQ(List(no_end).status().code(), absl::StatusCode::kInvalidArgument);
  ListProviderCallsRequest too_long = Ask();
  *too_long.mutable_created_since() = telephony::ToProto(clock_.Now() - absl::Hours(25));
  EXPECT_EQ(List(too_long).status().code(), absl::StatusCode::kInvalidArgument);
  ListProviderCallsRequest backwards = Ask();
  *backwards.mutable_created_since() = telephony::ToProto(clock_.Now() + absl::Hours(1));
  EXPECT_EQ(List(backwards).status().code(), absl::StatusCode::kInvalidArgument);
  ListProviderCallsRequest no_number = Ask();
  no_number.set_to("hello");
  EXPECT_EQ(List(no_number).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client_.lists(), 0);
}

}  // namespace
}  // namespace trunkline::gateway
