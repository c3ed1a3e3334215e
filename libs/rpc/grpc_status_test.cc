#include "libs/rpc/grpc_status.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace trunkline::rpc {
namespace {

TEST(GrpcStatusTest, DetailsSurviveTheWire) {
  const absl::Status sent = WithRetryAfter(
      Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full"), absl::Milliseconds(1500));
  const absl::Status received = FromGrpc(ToGrpc(sent));
  EXPECT_EQ(received, sent);
  EXPECT_EQ(ReasonOf(received), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(RetryAfterOf(received), absl::Milliseconds(1500));
}

TEST(GrpcStatusTest, PlainStatusesStayPlain) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_EQ(ToGrpc(absl::NotFoundError("x")).error_details(), "");
  EXPECT_EQ(FromGrpc(grpc::Status(grpc::UNAVAILABLE, "away")), absl::UnavailableError("away"));
}

}  // namespace
}  // namespace trunkline::rpc
