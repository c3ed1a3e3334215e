// The manager's refusals, each with what it means to Trunkline.
#include "libs/providers/sip/manager_errors.h"

#include <gtest/gtest.h>

#include <string_view>

#include "libs/providers/provider_status.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers::sip {
namespace {

using telephony::NameOf;

struct ErrorCase {
  std::string_view text;
  std::string_view code;
  bool retryable;
  absl::StatusCode status;
};

TEST(ManagerErrorsTest, EveryText) {
  const ErrorCase cases[] = {
      {"Authentication failed", "unauthorized", false, absl::StatusCode::kPermissionDenied},
      {"Permission denied", "unauthorized", false, absl::StatusCode::kPermissionDenied},
      {"Login Already In Use", "unavailable", true, absl::StatusCode::kUnavailable},
      {"Missing action in request", "bad_response", false, absl::StatusCode::kUnavailable},
      {"Invalid/unknown command: x", "unsupported", false, absl::StatusCode::kUnimplemented},
      {"No such channel", "not_found", false, absl::StatusCode::kNotFound},
      {"Channel does not exist: x", "not_found", false, absl::StatusCode::kNotFound},
      {"Channel specified does not exist", "not_found", false, absl::StatusCode::kNotFound},
      {"Extension does not exist.", "invalid_config", false, absl::StatusCode::kFailedPrecondition},
      {"Invalid channel", "invalid_config", false, absl::StatusCode::kFailedPrecondition},
      {"Originate failed", "rejected", false, absl::StatusCode::kFailedPrecondition},
      {"Originate Access Forbidden: app or data blacklisted", "unauthorized", false,
       absl::StatusCode::kPermissionDenied},
      {"Asterisk is shutting down", "unavailable", true, absl::StatusCode::kUnavailable},
      {"Transfer not permitted", "rejected", false, absl::StatusCode::kFailedPrecondition},
      {"Transfer invalid", "wrong_state", false, absl::StatusCode::kFailedPrecondition},
      {"Transfer failed", "wrong_state", false, absl::StatusCode::kFailedPrecondition},
      {"something new", "rejected", false, absl::StatusCode::kFailedPrecondition},
  };
  for (const ErrorCase& c : cases) {
    const calls::v1::CallError error = ErrorOfAnswer(c.text);
    EXPECT_EQ(NameOf(error.code()), c.code) << c.text;
    EXPECT_EQ(error.retryable(), c.retryable) << c.text;
    EXPECT_EQ(error.provider_message(), c.text);
    EXPECT_FALSE(error.message().empty());
    EXPECT_EQ(StatusOf("sip", error).code(), c.status) << c.text;
  }
}

TEST(ManagerErrorsTest, SessionsThatFail) {
  EXPECT_TRUE(absl::IsPermissionDenied(StatusOfSession(absl::PermissionDeniedError("x"))));
  EXPECT_TRUE(absl::IsFailedPrecondition(StatusOfSession(absl::InvalidArgumentError("x"))));
  EXPECT_TRUE(absl::IsFailedPrecondition(StatusOfSession(absl::FailedPreconditionError("x"))));
  EXPECT_TRUE(absl::IsUnavailable(StatusOfSession(absl::UnknownError("x"))));
  EXPECT_TRUE(absl::IsUnavailable(StatusOfSession(absl::DeadlineExceededError("x"))));
}

}  // namespace
}  // namespace trunkline::providers::sip
