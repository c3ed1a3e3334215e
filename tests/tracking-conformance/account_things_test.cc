// Webhooks, numbers, campaigns, reports.
#include <algorithm>
#include <set>

#include "libs/base/text.h"
#include "libs/tracking/webhook_url.h"
#include "tests/support/tracking_samples.h"
#include "tests/tracking-conformance/platform_case.h"

namespace trunkline::tracking_conformance {
namespace {

using tracking::TrackingNumber;

class AccountThingsTest : public TrackingConformanceTest {
 protected:
  std::vector<TrackingNumber> Numbers() {
    const auto page = client().ListNumbers(account_, std::nullopt);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->items : std::vector<TrackingNumber>();
  }
};

TEST_P(AccountThingsTest, WebhooksAreRegisteredOnceOrAPersonIsToldTheUrls) {
  const auto first = client().RegisterWebhooks(account_);
  const auto again = client().RegisterWebhooks(account_);
  ASSERT_TRUE(first.ok() && again.ok()) << first.status() << again.status();
  EXPECT_EQ(first->person_needed, !Has(tracking::v1::FEATURE_REGISTER_WEBHOOKS));
  ASSERT_FALSE(first->entries.empty());
  for (size_t i = 0; i < first->entries.size(); ++i) {
    const tracking::WebhookEntry& entry = first->entries[i];
    EXPECT_EQ(entry.external_id.empty(), first->person_needed) << entry.event;
    EXPECT_EQ(entry.external_id, again->entries.at(i).external_id);
    const tracking::WebhookUrl url = tracking::ReadWebhookUrl(entry.url);
    EXPECT_EQ(url.platform, GetParam().platform);
    EXPECT_EQ(url.account_id, account_.id);
    EXPECT_EQ(url.event, entry.event);
    EXPECT_EQ(url.token, account_.Credential("webhook_token"));
  }
  EXPECT_EQ(platform_->UrlsToEnter(account_).size(), first->entries.size());
  const auto left = client().UnregisterWebhooks(account_, *first);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->person_needed, first->person_needed);
  // They are gone already.
  EXPECT_TRUE(client().UnregisterWebhooks(account_, *first).ok());
}

TEST_P(AccountThingsTest, TheRegisteredUrlsAreAcceptedByTheReceiver) {
  for (const tracking::WebhookEntry& entry : platform_->UrlsToEnter(account_)) {
    providers::WebhookRequest request{
        .method = "GET", .url = entry.url, .received_at = testing_support::TrackingTime()};
    EXPECT_TRUE(platform_->Receiver().Verify(request, account_).ok()) << entry.url;
    // As a test in the platform's pages would send it: the tokens stand there as they are.
    const auto received = platform_->Receiver().Read(request, account_);
    ASSERT_TRUE(received.ok()) << received.status();
    EXPECT_TRUE(received->messages.empty());
    EXPECT_EQ(received->remark, "test_or_misconfigured");
    tracking::Account other = account_;
    other.id = "0190b2c3-0000-7000-8000-0000000000ff";
    EXPECT_EQ(platform_->Receiver().Verify(request, other).message(), "WRONG_ACCOUNT");
  }
}

TEST_P(AccountThingsTest, DeliveriesAreThoseToUs) {
  NEEDS(FEATURE_WEBHOOK_DELIVERIES);
  for (const tracking::WebhookEntry& entry : platform_->UrlsToEnter(account_)) twin_->Enter(entry.event, entry.url);
  twin_->Enter(GetParam().ended_event, "https://elsewhere.example.com/hook");
  TrueCall truth = PutCalls(1)[0];
  twin_->Put(truth, /*tells=*/true);
  const auto deliveries = client().ListDeliveries(account_, truth.id);
  ASSERT_TRUE(deliveries.ok()) << deliveries.status();
  std::set<std::string> events;
  for (const tracking::WebhookDelivery& delivery : deliveries->value) {
    events.insert(delivery.event);
    EXPECT_TRUE(delivery.delivered);
    ASSERT_TRUE(delivery.sent_at.has_value());
    EXPECT_LT(absl::AbsDuration(*delivery.sent_at - clock_.Now()), absl::Minutes(1));
  }
  EXPECT_TRUE(events.contains(GetParam().ended_event));
  for (const tracking::WebhookEntry& entry : platform_->UrlsToEnter(account_)) events.erase(entry.event);
  EXPECT_TRUE(events.empty());
}

TEST_P(AccountThingsTest, ANumberIsBoughtListedAndGivenBack) {
  const auto bought =
      client().ProvisionNumber(account_, {.campaign_id = twin_->CampaignId(), .publisher_id = "10160398"});
  ASSERT_TRUE(bought.ok()) << bought.status();
  const std::string number = bought->value.number.number;
  const auto is_it = [&](const TrackingNumber& listed) { return listed.number == number; };
  std::vector<TrackingNumber> numbers = Numbers();
  ASSERT_EQ(std::count_if(numbers.begin(), numbers.end(), is_it), 1);
  EXPECT_EQ(std::find_if(numbers.begin(), numbers.end(), is_it)->id, bought->value.number.id);
  EXPECT_TRUE(client().ReleaseNumber(account_, number).ok());
  numbers = Numbers();
  EXPECT_EQ(std::count_if(numbers.begin(), numbers.end(), is_it), 0);
  // It is gone already.
  EXPECT_TRUE(client().ReleaseNumber(account_, number).ok());
}

TEST_P(AccountThingsTest, CampaignsAreListedAndFetched) {
  const auto page = client().ListCampaigns(account_, std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  const auto is_it = [](const tracking::Campaign& campaign) { return campaign.name == "Auto insurance"; };
  EXPECT_GT(page->items.size(), 1);
  EXPECT_EQ(std::count_if(page->items.begin(), page->items.end(), is_it), 1);
  const auto fetched = client().FetchCampaign(account_, twin_->CampaignId());
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->value.name, "Auto insurance");
  EXPECT_EQ(client().FetchCampaign(account_, "CAnone").status().code(), absl::StatusCode::kNotFound);
}

TEST_P(AccountThingsTest, AReportIsTheSumOfTheCalls) {
  tracking::CallReport sum;
  int64_t payout = 0;
  for (const TrueCall& call : PutCalls(5)) {
    ++sum.calls;
    sum.converted += call.converted ? 1 : 0;
    sum.revenue += call.revenue;
    payout += call.payout;
    sum.cost += 3'400;
  }
  const auto report = client().FetchReport(account_, Range().from, Range().to);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->value.calls, sum.calls);
  EXPECT_EQ(report->value.converted, sum.converted);
  EXPECT_EQ(report->value.revenue, sum.revenue);
  EXPECT_EQ(report->value.payout.value_or(payout), payout);
  EXPECT_EQ(report->value.cost, sum.cost);
}

INSTANTIATE_FOR_ALL_PLATFORMS(AccountThingsTest);

}  // namespace
}  // namespace trunkline::tracking_conformance
