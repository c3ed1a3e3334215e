#include "services/gateway/accounts/destination_rules.h"

#include "libs/base/text.h"
#include "services/gateway/control/call_controller.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class DestinationRulesTest : public GatewayFixture {
 protected:
  absl::Status Put(const std::string& prefix, accounts::v1::DestinationAction action) {
    accounts::v1::DestinationRule rule;
    rule.set_prefix(prefix);
    rule.set_action(action);
    return destination_rules_.Put(CallerOf(kOurs), rule).status();
  }
  absl::Status Call(const std::string& to) {
    auto request = Request();
    request.set_to(to);
    return Place(request).status();
  }
};

TEST_F(DestinationRulesTest, ABlockedDestinationIsNotDialled) {
  const absl::Status blocked = Call("+88216123456");
  EXPECT_EQ(blocked.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(blocked), Reason::REASON_DESTINATION_BLOCKED);
  EXPECT_EQ(Count("SELECT count(*) FROM call_requests"), 0);
  ASSERT_TRUE(Put("+8821", accounts::v1::DESTINATION_ACTION_ALLOW).ok());
  EXPECT_TRUE(Call("+88216123456").ok());
  ASSERT_TRUE(Put("+1202", accounts::v1::DESTINATION_ACTION_BLOCK).ok());
  EXPECT_EQ(ReasonOf(Call(kCalled)), Reason::REASON_DESTINATION_BLOCKED);
  ASSERT_TRUE(destination_rules_.Delete(CallerOf(kOurs), "+1202").ok());
  EXPECT_TRUE(Call(kCalled).ok());
  EXPECT_THAT(client_.placed(), SizeIs(2));
}

TEST_F(DestinationRulesTest, NeitherAPlanNorATransferGoesWhereNoCallMay) {
  plans::v1::CallPlan forward;
  (*forward.mutable_steps())["next"].add_verbs()->mutable_dial()->add_targets("+88216123456");
  forward.mutable_steps()->at("next").mutable_verbs(0)->mutable_dial()->add_targets("sip:desk@example.com");
  forward.add_verbs()->mutable_continue_()->set_step("next");
  auto request = Request();
  *request.mutable_plan() = forward;
  EXPECT_EQ(ReasonOf(Place(request).status()), Reason::REASON_DESTINATION_BLOCKED);
  accounts::v1::PhoneNumber number;
  number.set_number(kOurNumber);
  number.set_provider_account_id(our_account_);
  *number.mutable_inbound_plan() = forward;
  EXPECT_EQ(ReasonOf(account_commands_.PutNumber(CallerOf(kOurs), number).status()),
            Reason::REASON_DESTINATION_BLOCKED);

  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  CallController controller({carriers_, reader_, ledger_, plans_, directory_, destinations_, requests_, clock_, [] {}});
  control::v1::TransferCallRequest transfer;
  transfer.set_call_id(call->record().call_id());
  transfer.set_target("+88216123456");
  EXPECT_EQ(ReasonOf(controller.Transfer(kOurs, transfer).status()), Reason::REASON_DESTINATION_BLOCKED);
  control::v1::UpdateCallRequest update;
  update.set_call_id(call->record().call_id());
  *update.mutable_plan() = forward;
  EXPECT_EQ(ReasonOf(controller.Update(kOurs, update).status()), Reason::REASON_DESTINATION_BLOCKED);
  EXPECT_TRUE(client_.controls.asked.empty());

  ASSERT_TRUE(Put("+882", accounts::v1::DESTINATION_ACTION_ALLOW).ok());
  EXPECT_TRUE(Place(request).ok());
  EXPECT_TRUE(account_commands_.PutNumber(CallerOf(kOurs), number).ok());
  EXPECT_TRUE(controller.Transfer(kOurs, transfer).ok());
}

TEST_F(DestinationRulesTest, ARequestThatWasPlacedIsAnsweredWhateverTheRulesAreNow) {
  const auto request = Request();
  ASSERT_TRUE(Place(request).ok());
  ASSERT_TRUE(Put("+1", accounts::v1::DESTINATION_ACTION_BLOCK).ok());
  EXPECT_TRUE(Place(request).ok());
}

TEST_F(DestinationRulesTest, RulesAreListedReplacedAndAudited) {
  ASSERT_TRUE(Put("+49", accounts::v1::DESTINATION_ACTION_BLOCK).ok());
  ASSERT_TRUE(Put("+", accounts::v1::DESTINATION_ACTION_BLOCK).ok());
  ASSERT_TRUE(Put("+49", accounts::v1::DESTINATION_ACTION_ALLOW).ok());
  const auto rules = destination_rules_.List(CallerOf(kOurs));
  ASSERT_TRUE(rules.ok()) << rules.status();
  ASSERT_THAT(*rules, SizeIs(2));
  EXPECT_EQ((*rules)[0].prefix(), "+");
  EXPECT_EQ((*rules)[1].action(), accounts::v1::DESTINATION_ACTION_ALLOW);
  EXPECT_THAT(*destination_rules_.List(CallerOf(kTheirs)), SizeIs(0));
  EXPECT_TRUE(destination_rules_.Delete(CallerOf(kTheirs), "+49").ok());
  EXPECT_THAT(*destination_rules_.List(CallerOf(kOurs)), SizeIs(2));
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE action LIKE 'destination_rule.%'"), 3);
}

TEST_F(DestinationRulesTest, AWrongRuleIsRefused) {
  EXPECT_THAT(std::string(Put("49", accounts::v1::DESTINATION_ACTION_ALLOW).message()), HasSubstr("rule.prefix"));
  EXPECT_THAT(std::string(Put("+49", accounts::v1::DESTINATION_ACTION_UNSPECIFIED).message()),
              HasSubstr("rule.action"));
  EXPECT_THAT(std::string(destination_rules_.Delete(CallerOf(kOurs), "x").message()), HasSubstr("prefix"));
  Run(Concat("INSERT INTO destination_rules (business_id, prefix, action) SELECT '", kOurs,
             "', '+1' || n, 'block' FROM generate_series(1, 1000) n"));
  EXPECT_EQ(ReasonOf(Put("+49", accounts::v1::DESTINATION_ACTION_ALLOW)), Reason::REASON_LIMIT_REACHED);
}

TEST_F(DestinationRulesTest, NumbersAreListedAndDeleted) {
  accounts::v1::PhoneNumber number;
  number.set_provider_account_id(our_account_);
  number.mutable_inbound_plan()->add_verbs()->mutable_hangup();
  for (int i = 0; i < 4; ++i) {
    number.set_number(Concat("+1202555020", i));
    ASSERT_TRUE(account_commands_.PutNumber(CallerOf(kOurs), number).ok());
  }
  std::vector<std::string> seen;
  accounts::v1::ListPhoneNumbersRequest request;
  request.set_page_size(2);
  do {
    const auto page = account_commands_.ListNumbers(CallerOf(kOurs), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& shown : page->phone_numbers()) seen.push_back(shown.number());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ::testing::ElementsAre(kOurNumber, "+12025550200", "+12025550201", "+12025550202", "+12025550203"));

  request.set_provider_account_id(their_account_);
  EXPECT_EQ(ReasonOf(account_commands_.ListNumbers(CallerOf(kOurs), request).status()),
            Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND);
  request.set_provider_account_id(our_account_);
  request.set_page_token("none");
  EXPECT_EQ(ReasonOf(account_commands_.ListNumbers(CallerOf(kOurs), request).status()),
            Reason::REASON_INVALID_PAGE_TOKEN);

  EXPECT_EQ(ReasonOf(account_commands_.DeleteNumber(CallerOf(kTheirs), kOurNumber)), Reason::REASON_NUMBER_NOT_OWNED);
  EXPECT_TRUE(Place(Request()).ok());
  ASSERT_TRUE(account_commands_.DeleteNumber(CallerOf(kOurs), kOurNumber).ok());
  EXPECT_EQ(ReasonOf(Place(Request()).status()), Reason::REASON_NO_DEFAULT_NUMBER);
  EXPECT_EQ(ReasonOf(account_commands_.DeleteNumber(CallerOf(kOurs), kOurNumber)), Reason::REASON_NUMBER_NOT_OWNED);
}

}  // namespace
}  // namespace trunkline::gateway
