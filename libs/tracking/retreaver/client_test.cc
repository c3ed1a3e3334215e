// What is particular to Retreaver's API; what all platforms share is in tests/tracking-conformance.
#include "libs/tracking/retreaver/client.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/retreaver/account_settings.h"
#include "tests/support/fake_api.h"
#include "tests/support/tracking_samples.h"

namespace trunkline::tracking::retreaver {
namespace {

using testing_support::ReadTrackingAnswerText;

constexpr char kKey[] = "s3cr3t-api-key";

class RetreaverClientTest : public testing::Test {
 protected:
  RetreaverClientTest() {
    account_.settings["api_url"] = api_.Url();
    account_.settings["company_id"] = "170001";
    account_.settings["data_writing_url"] = api_.Url() + "/data_writing";
    account_.credentials["api_key"] = kKey;
  }

  std::string Target(size_t i) const { return api_.requests().at(i).target; }

  testing_support::FakeApi api_;
  SystemClock clock_;
  Account account_ = testing_support::TrackingAccount("retreaver");
  Client client_{{.public_url = "https://hooks.example.com", .clock = &clock_}};
};

TEST_F(RetreaverClientTest, TheWalkAsksForTheLastChangedAndNeverForAnUpperEnd) {
  api_.Answer(200, ReadTrackingAnswerText("retreaver", "list_v2"));
  const auto page = client_.ListCalls(account_,
                                      {.time = CallTime::kChanged,
                                       .from = absl::FromUnixSeconds(1'772'460'001),
                                       .to = absl::FromUnixSeconds(1'772'470'000),
                                       .last_changed_first = true},
                                      std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 2);
  EXPECT_FALSE(page->next.has_value());
  EXPECT_EQ(Target(0), Concat("/api/v2/calls.json?api_key=", kKey,
                              "&company_id=170001&sort_by=updated_at&order=desc&updated_at_start="
                              "2026-03-02T14%3A00%3A00.000Z&page=1&per_page=100"));
}

TEST_F(RetreaverClientTest, ABackfillAsksASecondMoreOnEitherSide) {
  api_.Answer(200, "[]");
  const auto page = client_.ListCalls(
      account_, {.from = absl::FromUnixSeconds(1'772'409'600), .to = absl::FromUnixSeconds(1'772'496'000)},
      Position{"page", "7"});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_NE(Target(0).find("sort_by=created_at&order=asc&created_at_start=2026-03-01T23%3A59%3A59.000Z&created_at_end="
                           "2026-03-03T00%3A00%3A01.000Z&page=7"),
            std::string::npos)
      << Target(0);
}

TEST_F(RetreaverClientTest, WithoutALinkHeaderAFullPageHasAnother) {
  const std::string two = ReadTrackingAnswerText("retreaver", "list_v2");
  api_.Answer(200, two);
  EXPECT_EQ(client_.ListCalls(account_, {.size = 2}, std::nullopt)->next, (Position{"page", "2"}));
  api_.Answer(200, two);
  EXPECT_EQ(client_.ListCalls(account_, {.size = 3}, std::nullopt)->next, std::nullopt);
  // A link that leads backwards is none.
  api_.Answer({.status = 200, .headers = {{"link", "<https://h/?page=1>; rel=\"next\""}}, .body = two});
  EXPECT_EQ(client_.ListCalls(account_, {.size = 2}, Position{"page", "2"})->next, std::nullopt);
}

TEST_F(RetreaverClientTest, AListThatIsNotInOrderIsAnError) {
  api_.Answer(200, R"([{"call":{"uuid":"a","updated_at":"2026-03-02T14:00:00Z"}},
                       {"call":{"uuid":"b","updated_at":"2026-03-02T14:00:05Z"}}])");
  EXPECT_EQ(CodeOf(client_.ListCalls(account_, {.last_changed_first = true}, std::nullopt).status()),
            v1::TRACKING_ERROR_CODE_ORDER_VIOLATION);
}

TEST_F(RetreaverClientTest, AnElementThatIsNoCallStopsNothing) {
  api_.Answer(200, R"([{"call":{"uuid":"a"}},{"call":{"caller":"x"}},7])");
  const auto page = client_.ListCalls(account_, {}, std::nullopt);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->items.size(), 1);
  EXPECT_EQ(page->bad.size(), 2);
}

TEST_F(RetreaverClientTest, TagsGoToTheirOwnHostWithTheirOwnKey) {
  account_.credentials["data_writing_postback_key"] = "narrow-key";
  api_.Answer(200, ReadTrackingAnswerText("retreaver", "data_writing"));
  api_.Answer(200, ReadTrackingAnswerText("retreaver", "call_v1"));
  const auto outcome = client_.UpdateCall(account_, "c1", {.tags = Tags{{"age", "39"}}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->done, std::vector<std::string>{"tags"});
  EXPECT_EQ(Target(0), "/data_writing");
  EXPECT_EQ(ParseJson(api_.requests()[0].body),
            (nlohmann::json{{"age", "39"}, {"call_uuid", "c1"}, {"key", "narrow-key"}}));
}

TEST_F(RetreaverClientTest, MoneyNeedsThePortalsUrl) {
  const auto refused = client_.UpdateCall(account_, "c1", {.revenue = 10'000});
  EXPECT_EQ(CodeOf(refused.status()), v1::TRACKING_ERROR_CODE_UNSUPPORTED);
  EXPECT_TRUE(api_.requests().empty());
  account_.settings["conversion_postback_url"] = api_.Url() + "/p?key={key}&c={call_uuid}&r={revenue}&x={converted}";
  account_.credentials["conversion_postback_key"] = "k&y";
  api_.Answer(200, "ok");
  api_.Answer(200, ReadTrackingAnswerText("retreaver", "call_v1"));
  const auto outcome = client_.UpdateCall(account_, "c1", {.revenue = 325'000, .converted = true});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->done, (std::vector<std::string>{"money", "conversion"}));
  EXPECT_EQ(Target(0), "/p?key=k%26y&c=c1&r=32.5000&x=true");
}

TEST_F(RetreaverClientTest, AreaCodesAreNotToBeHad) {
  NumberOrder order{.area_code = "919", .campaign_id = "auto-ins-01", .publisher_id = "pub-77"};
  EXPECT_EQ(CodeOf(client_.ProvisionNumber(account_, order).status()), v1::TRACKING_ERROR_CODE_UNSUPPORTED);
  EXPECT_TRUE(api_.requests().empty());
  order.any_area = true;
  api_.Answer(200, R"({"number":{"id":4906377,"number":"+19845550131","toll_free":false,"cid":"auto-ins-01"}})");
  const auto bought = client_.ProvisionNumber(account_, order);
  ASSERT_TRUE(bought.ok()) << bought.status();
  EXPECT_EQ(bought->value.warnings, std::vector<std::string>{"area_code_ignored"});
  EXPECT_EQ(bought->value.number.id, "4906377");
}

TEST_F(RetreaverClientTest, TheStartOfACallCanBeATimer) {
  account_.settings["webhook_registration"] = "timers";
  account_.settings["webhook_campaign"] = "auto-ins-01";
  const std::string url = WebhookEntriesOf(account_, "https://hooks.example.com")[0].url;
  const std::string with_ours = Concat(R"({"campaign":{"timers":[{"timer":{"id":195,"seconds":0,"url":"https://t/"}},)",
                                       R"({"id":201,"seconds":0,"url":")", url, R"("}]}})");
  api_.Answer(200, R"({"campaign":{"timers":[{"timer":{"id":195,"seconds":0,"url":"https://t/"}}]}})");
  api_.Answer(200, with_ours);
  auto registration = client_.RegisterWebhooks(account_);
  ASSERT_TRUE(registration.ok()) << registration.status();
  EXPECT_TRUE(registration->person_needed);
  EXPECT_EQ(registration->entries[0].external_id, "201");
  EXPECT_EQ(api_.requests()[1].method, "PUT");
  api_.Answer(200, with_ours);
  EXPECT_EQ(client_.RegisterWebhooks(account_)->entries[0].external_id, "201");
  EXPECT_EQ(api_.requests().size(), 3);
  api_.Answer(200, with_ours);
  api_.Answer(200, "{}");
  const auto left = client_.UnregisterWebhooks(account_, *registration);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->entries.size(), 3);
  const auto body = ParseJson(api_.requests()[4].body)["campaign"];
  EXPECT_EQ(body["destroy_nested"], true);
  EXPECT_EQ(body["timers_attributes"], (nlohmann::json::array({{{"seconds", 0}, {"url", "https://t/"}}})));
}

}  // namespace
}  // namespace trunkline::tracking::retreaver
