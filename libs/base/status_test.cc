#include "libs/base/status.h"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

TEST(StatusTest, AnErrorCarriesItsReason) {
  const absl::Status status =
      Error(absl::StatusCode::kNotFound, Reason::REASON_CALL_NOT_FOUND, "no call x", {{"call_id", "x"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), Reason::REASON_CALL_NOT_FOUND);
  EXPECT_EQ(ReasonOf(absl::InternalError("plain")), Reason::REASON_UNSPECIFIED);
}

TEST(StatusTest, AnnotationKeepsTheDetails) {
  const absl::Status status = Annotate(
      WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_LIMIT_REACHED, "full"), absl::Seconds(3)),
      "placing a call");
  EXPECT_EQ(status.message(), "placing a call: full");
  EXPECT_EQ(ReasonOf(status), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(RetryAfterOf(status), absl::Seconds(3));
}

TEST(StatusTest, EveryWrongFieldIsNamed) {
  const absl::Status status = InvalidFields({{"to", "is not E.164"}, {"request_id", "is not a UUID"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "to: is not E.164; request_id: is not a UUID");
}

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError("odd");
  return number / 2;
}

absl::StatusOr<int> Quarter(int number) {
  TL_ASSIGN_OR_RETURN(const int half, Half(number));
  TL_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

TEST(StatusTest, MacrosPassErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

}  // namespace
}  // namespace trunkline
