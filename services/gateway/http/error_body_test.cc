#include "services/gateway/http/error_body.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/status.h"

namespace trunkline::gateway {
namespace {

nlohmann::json ErrorOf(const http::Response& response) { return ParseJson(response.body).at("error"); }

TEST(ErrorBodyTest, AnErrorTellsCodeReasonAndValues) {
  const http::Response response = ErrorResponseOf(
      Error(absl::StatusCode::kNotFound, Reason::REASON_CALL_NOT_FOUND, "no such call", {{"call_id", "c"}}));
  EXPECT_EQ(response.status, 404);
  const nlohmann::json error = ErrorOf(response);
  EXPECT_EQ(error.at("code"), "NOT_FOUND");
  EXPECT_EQ(error.at("status"), 404);
  EXPECT_EQ(error.at("reason"), "CALL_NOT_FOUND");
  EXPECT_EQ(error.at("message"), "no such call");
  EXPECT_EQ(error.at("details").at(0).at("@type"), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(error.at("details").at(0).at("metadata").at("call_id"), "c");
}

TEST(ErrorBodyTest, FieldsAreCalledAsInJson) {
  const nlohmann::json error = ErrorOf(
      ErrorResponseOf(InvalidFields({{.field = "plan.verbs[0].dial_number.time_limit", .description = "is wrong"}})));
  std::string field;
  for (const auto& detail : error.at("details")) {
    if (detail.contains("fieldViolations")) field = detail.at("fieldViolations").at(0).at("field");
  }
  EXPECT_EQ(field, "plan.verbs[0].dialNumber.timeLimit");
}

TEST(ErrorBodyTest, WhenToAskAgainIsAHeader) {
  const absl::Status busy = absl::UnavailableError("busy");
  EXPECT_EQ(http::FindHeader(ErrorResponseOf(WithRetryAfter(busy, absl::Milliseconds(2500))).headers, "retry-after"),
            "3");
  EXPECT_EQ(http::FindHeader(ErrorResponseOf(WithRetryAfter(busy, absl::Milliseconds(20))).headers, "retry-after"),
            "1");
  EXPECT_EQ(http::FindHeader(ErrorResponseOf(busy).headers, "retry-after"), "");
}

TEST(ErrorBodyTest, EveryCodeHasItsStatus) {
  EXPECT_EQ(HttpStatusOf(absl::StatusCode::kUnauthenticated), 401);
  EXPECT_EQ(HttpStatusOf(absl::StatusCode::kFailedPrecondition), 400);
  EXPECT_EQ(HttpStatusOf(absl::StatusCode::kResourceExhausted), 429);
  EXPECT_EQ(HttpStatusOf(absl::StatusCode::kUnimplemented), 501);
  EXPECT_EQ(HttpStatusOf(absl::StatusCode::kDataLoss), 500);
  EXPECT_EQ(http::FindHeader(ErrorResponseOf(absl::UnauthenticatedError("who?")).headers, "www-authenticate"),
            "Bearer");
}

TEST(ErrorBodyTest, AMessageOfAnyBytesIsAnswered) {
  EXPECT_EQ(ErrorResponseOf(absl::InvalidArgumentError("\xff\xfe")).status, 400);
}

}  // namespace
}  // namespace trunkline::gateway
