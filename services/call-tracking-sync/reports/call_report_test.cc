#include "services/call-tracking-sync/reports/call_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/test_database.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using tracking::v1::ReportCallsRequest;
using tracking::v1::ReportCallsResponse;
using tracking::v1::ReportRow;

constexpr char kOurs[] = "0190b2c3-0000-7000-8000-0000000000b1";
constexpr char kTheirs[] = "0190b2c3-0000-7000-8000-0000000000b2";

struct SampleCall {
  std::string platform = "retreaver";
  std::string started = "2026-03-02 12:00:00+00";
  std::string campaign = "'9911', 'Auto'";
  std::string publisher = "'pub-77', 'Pub'";
  std::string buyer = "'30417', 'Buyer'";
  std::string revenue = "32500000";
  std::string currency = "USD";
  bool answered = true;
  bool deleted = false;
  std::string business = kOurs;
};

class CallReportTest : public ::testing::Test {
 protected:
  void Add(const SampleCall& call) {
    const std::string number = Concat(++calls_);
    Run(Concat(
        "INSERT INTO call_history (call_id, business_id, provider, provider_account_id, external_call_id, direction, "
        "status, started_at, answered_at, last_event_at, state, tracking_campaign_id, tracking_campaign_name, "
        "publisher_id, publisher_name, buyer_id, buyer_name, revenue_micros, payout_micros, cost_micros, "
        "amounts_currency, cost_currency, converted, talk_milliseconds, record_deleted_at) VALUES "
        "(gen_random_uuid(), '",
        call.business, "', '", call.platform, "', '0190b2c3-0000-7000-8000-0000000000a1', 'c", number,
        "', 'inbound', 'completed', '", call.started, "', ", call.answered ? "now()" : "NULL", ", now(), '', ",
        call.campaign, ", ", call.publisher, ", ", call.buyer, ", ", call.revenue, ", 25000000, 340000, '",
        call.currency, "', '", call.currency, "', ", call.answered ? "true" : "false", ", 187000, ",
        call.deleted ? "now()" : "NULL", ")"));
  }
  void Run(const std::string& sql) {
    const absl::Status status =
        owner_.InTransaction([&](postgres::Transaction& tx) { return tx.Execute(sql).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }

  ReportCallsRequest Request(std::initializer_list<tracking::v1::ReportDimension> dimensions) {
    ReportCallsRequest request;
    request.mutable_started_after()->set_seconds(1'772'236'800);   // 2026-02-28
    request.mutable_started_before()->set_seconds(1'772'841'600);  // 2026-03-07
    for (const auto dimension : dimensions) request.add_dimensions(dimension);
    return request;
  }
  ReportCallsResponse Sum(const ReportCallsRequest& request) {
    const auto response = report_.Sum(kOurs, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : ReportCallsResponse();
  }

  testing_support::TestDatabase database_;
  postgres::Pool owner_{{.url = database_.url(), .size = 1}};
  // A role that row-level security holds for.
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_gateway"), .size = 2}};
  CallReport report_{pool_};
  int calls_ = 0;
};

TEST_F(CallReportTest, WithoutADimensionEverythingIsOneRow) {
  Add({});
  Add({.answered = false});
  Add({.business = kTheirs});
  Add({.deleted = true});
  Add({.platform = "plivo"});
  Add({.started = "2026-03-07 00:00:00+00"});
  const ReportCallsResponse response = Sum(Request({}));
  ASSERT_THAT(response.rows(), SizeIs(1));
  const ReportRow& row = response.rows(0);
  EXPECT_EQ(row.calls(), 2);
  EXPECT_EQ(row.answered(), 1);
  EXPECT_EQ(row.converted(), 1);
  EXPECT_EQ(row.talk_time().seconds(), 374);
  ASSERT_THAT(row.amounts(), SizeIs(1));
  EXPECT_EQ(row.amounts(0).revenue().micros(), 65'000'000);
  EXPECT_EQ(row.amounts(0).payout().micros(), 50'000'000);
  EXPECT_EQ(row.amounts(0).cost().micros(), 680'000);
  EXPECT_EQ(row.amounts(0).profit().micros(), 14'320'000);
  EXPECT_EQ(row.amounts(0).revenue_calls(), 2);
}

TEST_F(CallReportTest, WhereThereWereNoCallsThereIsNoRow) {
  EXPECT_THAT(Sum(Request({})).rows(), SizeIs(0));
  EXPECT_THAT(Sum(Request({tracking::v1::REPORT_DIMENSION_DAY})).rows(), SizeIs(0));
}

TEST_F(CallReportTest, CurrenciesAreNotAddedUp) {
  Add({.revenue = "1000000"});
  Add({.revenue = "2000000", .currency = "EUR"});
  Add({.revenue = "NULL", .currency = "EUR"});
  const ReportCallsResponse response = Sum(Request({tracking::v1::REPORT_DIMENSION_PLATFORM}));
  ASSERT_THAT(response.rows(), SizeIs(1));
  EXPECT_EQ(response.rows(0).calls(), 3);
  ASSERT_THAT(response.rows(0).amounts(), SizeIs(2));
  EXPECT_EQ(response.rows(0).amounts(0).currency(), "EUR");
  EXPECT_EQ(response.rows(0).amounts(0).revenue().micros(), 2'000'000);
  EXPECT_EQ(response.rows(0).amounts(0).revenue_calls(), 1);
  EXPECT_EQ(response.rows(0).amounts(0).payout_calls(), 2);
  EXPECT_EQ(response.rows(0).amounts(1).currency(), "USD");
}

TEST_F(CallReportTest, EveryDimensionTellsCallsApart) {
  Add({});
  Add({.platform = "ringba"});
  Add({.campaign = "NULL, NULL"});
  Add({.publisher = "'pub-78', 'Other'"});
  Add({.buyer = "NULL, NULL"});
  Add({.started = "2026-03-03 12:00:00+00"});
  using namespace tracking::v1;  // NOLINT(google-build-using-namespace): the enumerators alone are used
  for (const auto dimension : {REPORT_DIMENSION_PLATFORM, REPORT_DIMENSION_CAMPAIGN, REPORT_DIMENSION_PUBLISHER,
                               REPORT_DIMENSION_BUYER, REPORT_DIMENSION_DAY}) {
    const ReportCallsResponse response = Sum(Request({dimension}));
    ASSERT_THAT(response.rows(), SizeIs(2)) << ReportDimension_Name(dimension);
    EXPECT_EQ(response.rows(0).calls() + response.rows(1).calls(), 6);
  }
  const ReportCallsResponse all =
      Sum(Request({REPORT_DIMENSION_DAY, REPORT_DIMENSION_PLATFORM, REPORT_DIMENSION_ACCOUNT, REPORT_DIMENSION_CAMPAIGN,
                   REPORT_DIMENSION_PUBLISHER, REPORT_DIMENSION_BUYER}));
  ASSERT_THAT(all.rows(), SizeIs(6));
  EXPECT_EQ(all.rows(5).day(), "2026-03-03");
  EXPECT_EQ(all.rows(5).tracking_campaign_name(), "Auto");
  EXPECT_EQ(all.rows(5).publisher_name(), "Pub");
  EXPECT_EQ(all.rows(5).buyer_id(), "30417");
}

TEST_F(CallReportTest, FiltersKeepOthersOut) {
  Add({});
  Add({.platform = "ringba", .campaign = "'5', 'Home'", .publisher = "'p', 'P'", .buyer = "'b', 'B'"});
  const auto calls_with = [&](const auto& set) {
    ReportCallsRequest request = Request({});
    set(request);
    const ReportCallsResponse response = Sum(request);
    return response.rows_size() == 0 ? 0 : response.rows(0).calls();
  };
  EXPECT_EQ(calls_with([](auto&) {}), 2);
  EXPECT_EQ(calls_with([](auto& request) { request.set_platform("ringba"); }), 1);
  EXPECT_EQ(calls_with([](auto& request) { request.set_tracking_campaign_id("9911"); }), 1);
  EXPECT_EQ(calls_with([](auto& request) { request.set_publisher_id("p"); }), 1);
  EXPECT_EQ(calls_with([](auto& request) { request.set_buyer_id("nobody' OR 'a' = 'a"); }), 0);
  EXPECT_EQ(calls_with([](auto& request) { request.set_provider_account_id("0190b2c3-0000-7000-8000-0000000000a1"); }),
            2);
}

TEST_F(CallReportTest, DaysBeginWhereTheBusinessIs) {
  Add({.started = "2026-03-02 03:00:00+00"});
  ReportCallsRequest request = Request({tracking::v1::REPORT_DIMENSION_DAY});
  EXPECT_EQ(Sum(request).rows(0).day(), "2026-03-02");
  request.set_time_zone("America/New_York");
  EXPECT_EQ(Sum(request).rows(0).day(), "2026-03-01");
}

TEST_F(CallReportTest, PagesHoldEveryRowOnce) {
  for (int i = 0; i < 25; ++i)
    Add({.publisher = Concat("'p ", i % 7, "', 'P'"), .buyer = Concat("'b,", i % 5, "', 'B'")});
  ReportCallsRequest request =
      Request({tracking::v1::REPORT_DIMENSION_PUBLISHER, tracking::v1::REPORT_DIMENSION_BUYER});
  request.set_page_size(4);
  std::vector<std::string> seen;
  int64_t calls = 0;
  do {
    const ReportCallsResponse page = Sum(request);
    EXPECT_LE(page.rows_size(), 4);
    for (const ReportRow& row : page.rows()) {
      seen.push_back(Concat(row.publisher_id(), "/", row.buyer_id()));
      calls += row.calls();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(calls, 25);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_THAT(std::set<std::string>(seen.begin(), seen.end()), SizeIs(seen.size()));
}

TEST_F(CallReportTest, EveryWrongFieldIsNamed) {
  ReportCallsRequest request = Request({tracking::v1::REPORT_DIMENSION_DAY, tracking::v1::REPORT_DIMENSION_DAY});
  request.mutable_started_before()->set_seconds(1);
  request.add_dimensions(tracking::v1::REPORT_DIMENSION_UNSPECIFIED);
  request.set_time_zone("Mars/Olympus");
  request.set_provider_account_id("x");
  request.set_page_size(5000);
  const absl::Status status = report_.Sum(kOurs, request).status();
  for (const char* field :
       {"started_after", "dimensions[1]", "dimensions[2]", "time_zone", "provider_account_id", "page_size"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(field));
  }
  request = Request({tracking::v1::REPORT_DIMENSION_DAY});
  request.set_page_token("bm9uZQ==");
  EXPECT_EQ(ReasonOf(report_.Sum(kOurs, request).status()), Reason::REASON_INVALID_PAGE_TOKEN);
}

}  // namespace
}  // namespace trunkline::tracking_sync
