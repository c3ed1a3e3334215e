#include "services/gateway/calls/provider_comparison.h"

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using providers::v1::CallFigures;
using providers::v1::CompareProvidersRequest;
using providers::v1::CompareProvidersResponse;

constexpr char kFirst[] = "0190b2c3-0000-7000-8000-0000000000a1";
constexpr char kSecond[] = "0190b2c3-0000-7000-8000-0000000000a2";
constexpr char kThird[] = "0190b2c3-0000-7000-8000-0000000000a3";

struct EndedCall {
  std::string business = kOurs;
  std::string provider = "alpha";
  std::string account = kFirst;
  std::string direction = "outbound";
  std::string status = "completed";
  int64_t talk_seconds = -1;  // not answered
  int64_t cost_micros = -1;   // not known
  std::string currency = "USD";
  absl::Duration age = absl::Minutes(5);
};

class ProviderComparisonTest : public GatewayFixture {
 protected:
  std::string Add(const EndedCall& call) {
    const std::string id = NewId();
    const bool answered = call.talk_seconds >= 0;
    const std::string started = Sql(clock_.Now() - call.age);
    Run(Concat(
        "INSERT INTO call_history (call_id, business_id, provider, provider_account_id, direction, status, ",
        "started_at, answered_at, talk_milliseconds, cost_micros, cost_currency, last_event_at, state) VALUES ('", id,
        "', '", call.business, "', '", call.provider, "', ",
        call.account.empty() ? "NULL" : Concat("'", call.account, "'"), ", '", call.direction, "', '", call.status,
        "', ", started, ", ", answered ? started : "NULL", ", ", answered ? Concat(call.talk_seconds * 1000) : "NULL",
        ", ", call.cost_micros < 0 ? "NULL" : Concat(call.cost_micros), ", ",
        call.cost_micros < 0 ? "NULL" : Concat("'", call.currency, "'"), ", ", started, ", '')"));
    return id;
  }
  void AddWebhook(const std::string& call_id, absl::Duration delay, const std::string& source = "provider") {
    Run(Concat("INSERT INTO call_events (event_id, call_id, business_id, type, source, occurred_at, received_at, ",
               "sequence, raw_topic, raw_partition, raw_offset, mapping_version, event) VALUES ('", NewId(), "', '",
               call_id, "', '", kOurs, "', 'ended', '", source, "', ", Sql(clock_.Now() - delay), ", ",
               Sql(clock_.Now()), ", 0, 'raw', 0, 0, 1, '')"));
  }
  void AddRequest(const std::string& call_id, absl::Duration took, const std::string& operation = "place_call") {
    Run(Concat("INSERT INTO provider_requests (asked_at, took, business_id, provider_account_id, call_id, operation, ",
               "outcome) VALUES (", Sql(clock_.Now()), ", interval '", absl::ToInt64Microseconds(took),
               " microseconds', '", kOurs, "', '", kFirst, "', '", call_id, "', '", operation, "', 'placed')"));
  }
  static std::string Sql(absl::Time time) {
    return Concat("'", postgres::FormatTimestamp(absl::ToUnixMicros(time)), "'");
  }
  CompareProvidersResponse Compare(const CompareProvidersRequest& request = {}, const char* business = kOurs) {
    auto compared = comparer_.Compare(business, request);
    EXPECT_TRUE(compared.ok()) << compared.status();
    return compared.ok() ? *std::move(compared) : CompareProvidersResponse();
  }

  ProviderComparer comparer_{pool_, clock_};
};

TEST_F(ProviderComparisonTest, CallsAreCountedByProviderAndByAccount) {
  Add({.talk_seconds = 30});
  Add({.talk_seconds = 90});
  Add({.status = "busy"});
  Add({.status = "failed"});
  Add({.account = kSecond, .status = "no_answer"});
  Add({.provider = "beta", .account = kThird, .talk_seconds = 10});
  const CompareProvidersResponse compared = Compare();
  ASSERT_EQ(compared.providers_size(), 2);
  const auto& alpha = compared.providers(0);
  EXPECT_EQ(alpha.provider(), "alpha");
  EXPECT_EQ(alpha.figures().calls(), 5);
  EXPECT_DOUBLE_EQ(alpha.figures().success_rate(), 0.8);
  EXPECT_DOUBLE_EQ(alpha.figures().answer_rate(), 0.4);
  EXPECT_EQ(alpha.figures().average_duration().seconds(), 60);
  ASSERT_EQ(alpha.accounts_size(), 2);
  EXPECT_EQ(alpha.accounts(0).provider_account_id(), kFirst);
  EXPECT_EQ(alpha.accounts(0).figures().calls(), 4);
  EXPECT_DOUBLE_EQ(alpha.accounts(0).figures().success_rate(), 0.75);
  EXPECT_EQ(alpha.accounts(1).figures().calls(), 1);
  EXPECT_FALSE(alpha.accounts(1).figures().has_average_duration());
  EXPECT_EQ(compared.providers(1).provider(), "beta");
  EXPECT_DOUBLE_EQ(compared.providers(1).figures().answer_rate(), 1.0);
}

TEST_F(ProviderComparisonTest, CostIsTakenForAMinuteInItsCurrency) {
  Add({.talk_seconds = 90, .cost_micros = 15'000});
  Add({.talk_seconds = 30, .cost_micros = 5'000});
  Add({.talk_seconds = 600});  // its cost is not known yet
  Add({.status = "failed", .cost_micros = 0});
  Add({.account = kSecond, .talk_seconds = 60, .cost_micros = 700'000, .currency = "INR"});
  const CallFigures figures = Compare().providers(0).figures();
  EXPECT_EQ(figures.calls(), 5);
  ASSERT_EQ(figures.costs_size(), 2);
  EXPECT_EQ(figures.costs(0).total().currency(), "INR");
  EXPECT_EQ(figures.costs(0).per_minute().micros(), 700'000);
  EXPECT_EQ(figures.costs(1).calls(), 3);
  EXPECT_EQ(figures.costs(1).total().micros(), 20'000);
  EXPECT_EQ(figures.costs(1).per_minute().micros(), 10'000);
  EXPECT_EQ(figures.costs(1).per_minute().currency(), "USD");
}

TEST_F(ProviderComparisonTest, TimesAreThoseOfWebhooksAndOfTheApi) {
  const std::string call = Add({.talk_seconds = 10});
  const std::string other = Add({.account = kSecond, .talk_seconds = 10});
  for (int i = 1; i <= 3; ++i) AddWebhook(call, absl::Milliseconds(100 * i));
  AddWebhook(other, -absl::Seconds(2));                // the provider's clock is ahead
  AddWebhook(call, absl::Hours(3), "reconciliation");  // nobody was late
  AddRequest(call, absl::Milliseconds(20));
  AddRequest(call, absl::Milliseconds(40));
  AddRequest(call, absl::Hours(1), "fetch_recording");  // as long as somebody listened
  const auto alpha = Compare().providers(0);
  const auto& webhooks = alpha.accounts(0).figures().webhook_time();
  EXPECT_EQ(webhooks.count(), 3);
  EXPECT_EQ(telephony::FromProto(webhooks.average()), absl::Milliseconds(200));
  EXPECT_EQ(telephony::FromProto(webhooks.median()), absl::Milliseconds(200));
  EXPECT_EQ(telephony::FromProto(webhooks.percentile_95()), absl::Milliseconds(290));
  EXPECT_EQ(telephony::FromProto(alpha.accounts(1).figures().webhook_time().average()), absl::ZeroDuration());
  EXPECT_EQ(alpha.figures().webhook_time().count(), 4);
  EXPECT_EQ(telephony::FromProto(alpha.figures().webhook_time().average()), absl::Milliseconds(150));
  EXPECT_EQ(alpha.figures().api_latency().count(), 2);
  EXPECT_EQ(telephony::FromProto(alpha.figures().api_latency().median()), absl::Milliseconds(30));
  EXPECT_EQ(alpha.accounts(1).figures().api_latency().count(), 0);
}

TEST_F(ProviderComparisonTest, TheLatestThousandCallsOfAnAccountAreMeasured) {
  const std::string old = Add({.talk_seconds = 10, .age = absl::Hours(2)});
  AddWebhook(old, absl::Seconds(100));
  const std::string fresh = Add({.talk_seconds = 10, .age = absl::Hours(1)});
  AddWebhook(fresh, absl::Seconds(1));
  for (int i = 0; i < 999; ++i) Add({.status = "busy"});
  const auto alpha = Compare().providers(0);
  EXPECT_EQ(alpha.figures().calls(), 1001);
  EXPECT_EQ(alpha.figures().webhook_time().count(), 1);
  EXPECT_EQ(alpha.figures().webhook_time().average().seconds(), 1);
}

TEST_F(ProviderComparisonTest, OnlyWhatIsAskedForIsLookedAt) {
  Add({.status = "busy", .age = absl::Hours(25)});
  Add({.status = "busy", .age = absl::Hours(23)});
  Add({.direction = "inbound", .talk_seconds = 5});
  Add({.account = ""});  // was refused before it had an account
  EXPECT_EQ(Compare().providers(0).figures().calls(), 2);
  CompareProvidersRequest request;
  request.set_direction(calls::v1::CALL_DIRECTION_INBOUND);
  EXPECT_EQ(Compare(request).providers(0).figures().calls(), 1);
  request.Clear();
  *request.mutable_started_after() = telephony::ToProto(clock_.Now() - absl::Hours(26));
  *request.mutable_started_before() = telephony::ToProto(clock_.Now() - absl::Hours(24));
  const CompareProvidersResponse older = Compare(request);
  EXPECT_EQ(older.providers(0).figures().calls(), 1);
  EXPECT_EQ(older.started_before().seconds(), request.started_before().seconds());
}

TEST_F(ProviderComparisonTest, ABusinessComparesItsOwnCalls) {
  Add({.talk_seconds = 10});
  Add({.business = kTheirs, .status = "failed"});
  EXPECT_DOUBLE_EQ(Compare().providers(0).figures().success_rate(), 1.0);
  EXPECT_DOUBLE_EQ(Compare({}, kTheirs).providers(0).figures().success_rate(), 0.0);
}

TEST_F(ProviderComparisonTest, WithoutCallsThereIsNothingToCompare) { EXPECT_EQ(Compare().providers_size(), 0); }

TEST_F(ProviderComparisonTest, AWrongRangeIsToldSo) {
  CompareProvidersRequest request;
  *request.mutable_started_after() = telephony::ToProto(clock_.Now());
  EXPECT_EQ(ReasonOf(comparer_.Compare(kOurs, request).status()), Reason::REASON_INVALID_FIELD);
  *request.mutable_started_after() = telephony::ToProto(clock_.Now() - absl::Hours(24 * 93));
  EXPECT_EQ(ReasonOf(comparer_.Compare(kOurs, request).status()), Reason::REASON_INVALID_FIELD);
}

}  // namespace
}  // namespace trunkline::gateway
