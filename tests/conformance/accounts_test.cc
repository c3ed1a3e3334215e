// Accounts: right and wrong credentials, and the URLs to enter at the provider.
#include "tests/conformance/conformance_test.h"

namespace trunkline::conformance {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class AccountsTest : public ConformanceTest {};

TEST_P(AccountsTest, RightCredentialsAreFine) {
  EXPECT_TRUE(provider_->CheckForm(account_).empty());
  const auto problems = client().CheckAccount(account_);
  ASSERT_TRUE(problems.ok()) << problems.status();
  EXPECT_TRUE(problems->empty()) << problems->front().field << ": " << problems->front().message;
}

TEST_P(AccountsTest, WrongCredentialsAreNamed) {
  if (GetParam().spoil_credentials == nullptr) GTEST_SKIP() << "has no credentials";
  GetParam().spoil_credentials(&account_);
  const auto problems = client().CheckAccount(account_);
  ASSERT_TRUE(problems.ok()) << problems.status();
  EXPECT_FALSE(problems->empty());
  const auto outcome = Dial(NewCallId(), 1);
  EXPECT_EQ(outcome.kind, providers::DialOutcome::Kind::kRejected);
  EXPECT_EQ(outcome.error.code(), calls::v1::CALL_ERROR_CODE_UNAUTHORIZED);
}

TEST_P(AccountsTest, UrlsToEnterNameTheAccount) {
  for (const auto& [kind, url] : provider_->UrlsToEnter(harness_.public_url(), account_.id)) {
    EXPECT_THAT(kind, Not(IsEmpty()));
    EXPECT_THAT(url, StartsWith(harness_.public_url()));
    EXPECT_THAT(url, HasSubstr(account_.id));
    for (const auto& [name, secret] : account_.credentials) EXPECT_THAT(url, Not(HasSubstr(secret))) << name;
  }
}

INSTANTIATE_FOR_ALL_PROVIDERS(AccountsTest);

}  // namespace
}  // namespace trunkline::conformance
