// Calls of call-tracking platforms in the tables: columns, views, and accounts that are being cut over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/built_in_platforms.h"
#include "services/normalizer/batch_processor.h"
#include "tests/support/fake_provider.h"
#include "tests/support/test_database.h"

namespace trunkline::normalizer {
namespace {

constexpr char kTrackingBusiness[] = "0190b2c3-0000-7000-8000-0000000000b1";
constexpr char kTrackingAccount[] = "0190b2c3-0000-7000-8000-0000000000a1";
constexpr absl::Time kApplyFrom = absl::FromUnixSeconds(1'772'460'000);  // 2026-03-02 14:00

enum class Apply { kAll, kShadow, kNewCalls };

class TrackingCallsTest : public ::testing::Test {
 protected:
  webhooks::v1::RawWebhook Raw(const std::string& id, Apply apply) {
    webhooks::v1::RawWebhook raw;
    raw.set_webhook_id(NewUuid(absl::FromUnixSeconds(1000)));
    raw.set_provider("retreaver");
    raw.set_provider_account_id(kTrackingAccount);
    raw.set_business_id(kTrackingBusiness);
    raw.set_call_id(telephony::CallIdOf(kTrackingAccount, id));
    *raw.mutable_received_at() = telephony::ToProto(kApplyFrom);
    raw.set_shadow(apply == Apply::kShadow);
    if (apply == Apply::kNewCalls) *raw.mutable_apply_calls_from() = telephony::ToProto(kApplyFrom);
    return raw;
  }

  // A reading of the record of a call that ended.
  MappedMessage Record(const std::string& id, const std::string& start, const std::string& revenue,
                       Apply apply = Apply::kAll, const std::string& updated = "2026-03-02T14:10:00Z") {
    webhooks::v1::RawWebhook raw = Raw(id, apply);
    raw.mutable_record()->set_body(Concat(
        R"({"uuid":")", id, R"(","caller":"+12025550143","number":"+18885550164","cid":"auto","campaign_id":"9911",)",
        R"("campaign_name":"Auto insurance","afid":"pub-77","affiliate_name":"Pub","target_id":"30417",)",
        R"("target_name":"Buyer","start_time":")", start, R"(","end_time":"2026-03-02T14:08:45.930Z",)",
        R"("time_to_connect_in_seconds":27,"status":"finished","connected":true,"revenue":)", revenue,
        R"(,"payout":"25.00","total_cost":"0.34","converted":true,"tags":{"geo":"us"},"updated_at":")", updated,
        "\"}"));
    *raw.mutable_record()->mutable_requested_at() = telephony::ToProto(kApplyFrom + absl::Hours(1));
    return Map(raw);
  }

  MappedMessage Webhook(const std::string& id, const std::string& event, Apply apply, bool hint_only = false) {
    webhooks::v1::RawWebhook raw = Raw(id, apply);
    raw.set_event(event);
    raw.set_hint_only(hint_only);
    raw.mutable_http()->set_method("GET");
    raw.mutable_http()->set_url(
        Concat("https://h/webhooks/retreaver/", kTrackingAccount, "/", event, "/REDACTED?call_uuid=", id));
    return Map(raw);
  }

  MappedMessage Map(const webhooks::v1::RawWebhook& raw) {
    MappedMessage message = mapper_.Map({"raw", 0, offset_++}, raw.call_id(), raw.SerializeAsString());
    EXPECT_FALSE(message.refusal.has_value()) << message.refusal->error;
    return message;
  }

  ProcessedBatch Process(std::vector<MappedMessage> messages) {
    kept_.push_back(std::move(messages));
    auto batch = processor_.Process(&kept_.back());
    EXPECT_TRUE(batch.ok()) << batch.status();
    return batch.ok() ? *std::move(batch) : ProcessedBatch();
  }

  std::string Text(const std::string& sql) {
    return *reader_.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<std::string> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute(sql));
      return rows.empty() ? std::string("no row") : rows.String(0, 0);
    });
  }
  int64_t Count(const std::string& what) { return *ParseInt(Text(Concat("SELECT count(*)::text FROM ", what))); }

  testing_support::TestDatabase database_;
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_normalizer"), .size = 2}};
  postgres::Pool reader_{{.url = database_.UrlOf("trunkline_reader"), .size = 1}};
  SystemClock clock_;
  providers::Registry registry_ = testing_support::FakeRegistry();
  tracking::Registry platforms_ = tracking::BuiltInPlatforms({.clock = &clock_});
  BatchMapper mapper_{registry_, platforms_};
  BatchProcessor processor_{pool_};
  int64_t offset_ = 0;
  std::deque<std::vector<MappedMessage>> kept_;  // results point into them
};

TEST_F(TrackingCallsTest, ARecordStandsInTheColumnsOfItsCall) {
  Process({Record("c1", "2026-03-02T14:05:11.204Z", "32.5")});
  EXPECT_EQ(Text("SELECT concat_ws('|', tracking_campaign_id, tracking_campaign_key, tracking_campaign_name, "
                 "publisher_id, publisher_name, buyer_id, buyer_name, revenue, payout, cost, currency, converted, "
                 "tracking_tags ->> 'geo', to_number, length(record_hash)) FROM call_history"),
            "9911|auto|Auto insurance|pub-77|Pub|30417|Buyer|32.500000|25.000000|0.340000|USD|t|us|+18885550164|64");
}

TEST_F(TrackingCallsTest, AnAmountThatIsNotKnownIsNoZero) {
  Process({Record("c1", "2026-03-02T14:05:11.204Z", "null")});
  EXPECT_EQ(Count("call_history WHERE revenue IS NULL AND payout = 25"), 1);
  // Known later, and then taken back.
  Process({Record("c1", "2026-03-02T14:05:11.204Z", "1.5", Apply::kAll, "2026-03-02T14:20:00Z")});
  EXPECT_EQ(Count("call_history WHERE revenue = 1.5"), 1);
  Process({Record("c1", "2026-03-02T14:05:11.204Z", "null", Apply::kAll, "2026-03-02T14:30:00Z")});
  EXPECT_EQ(Count("call_history WHERE revenue IS NULL"), 1);
}

TEST_F(TrackingCallsTest, TheViewsSumUpEachCallOnce) {
  for (int i = 0; i < 3; ++i) {
    Process({Record(Concat("c", i), "2026-03-02T14:05:11.204Z", "10")});
    Process({Record(Concat("c", i), "2026-03-02T14:05:11.204Z", "32.50", Apply::kAll, "2026-03-02T15:00:00Z")});
  }
  EXPECT_EQ(Text("SELECT concat_ws('|', day, platform, calls, answered, converted, revenue, payout, cost, currency, "
                 "revenue_known) FROM tracking_days"),
            "2026-03-02|retreaver|3|3|3|97.500000|75.000000|1.020000|USD|3");
  EXPECT_EQ(Text("SELECT concat_ws('|', tracking_number, caller_number, profit) FROM tracking_calls LIMIT 1"),
            "+18885550164|+12025550143|7.160000");
  EXPECT_EQ(Count("calls WHERE ended"), 3);
}

TEST_F(TrackingCallsTest, AShadowIsMergedBesideTheCallsAndNothingElseKnowsIt) {
  const ProcessedBatch batch = Process({Record("c1", "2026-03-02T14:05:11.204Z", "32.5", Apply::kShadow)});
  EXPECT_TRUE(batch.events.empty());
  EXPECT_TRUE(batch.calls.empty());
  for (const char* table : {"call_queue", "call_history", "call_events", "call_event_sources", "recordings"}) {
    EXPECT_EQ(Count(table), 0) << table;
  }
  EXPECT_EQ(Count("shadow_calls WHERE status = 'completed' AND revenue = 32.5 AND external_call_id = 'c1'"), 1);
  EXPECT_EQ(Count("webhook_logs WHERE outcome = 'shadow'"), 1);
}

TEST_F(TrackingCallsTest, AShadowIsTheRowThatTheCallWouldBeInAnyOrder) {
  std::vector<std::string> versions = {"2026-03-02T14:10:00Z", "2026-03-02T14:20:00Z", "2026-03-02T14:30:00Z"};
  int calls = 0;
  do {
    const std::string id = Concat("c", ++calls);
    for (size_t i = 0; i < versions.size(); ++i) {
      const std::string revenue = versions[i].substr(14, 2);
      Process({Record(id, "2026-03-02T14:05:11.204Z", revenue, Apply::kShadow, versions[i])});
      if (i == 1) Process({Record(id, "2026-03-02T14:05:11.204Z", revenue, Apply::kShadow, versions[i])});
    }
    for (const std::string& version : versions) {
      Process({Record("applied-" + id, "2026-03-02T14:05:11.204Z", version.substr(14, 2), Apply::kAll, version)});
    }
  } while (std::next_permutation(versions.begin(), versions.end()));
  EXPECT_EQ(Count("shadow_calls WHERE revenue = 30"), calls);
  EXPECT_EQ(Count("shadow_calls s JOIN call_history c ON c.external_call_id = 'applied-' || s.external_call_id "
                  "WHERE (s.status, s.revenue, s.payout, s.started_at, s.ended_at, s.buyer_id) = "
                  "(c.status, c.revenue, c.payout, c.started_at, c.ended_at, c.buyer_id)"),
            calls);
}

TEST_F(TrackingCallsTest, OfAnAccountThatIsCutOverNewCallsAreAppliedAndOldOnesAreNot) {
  const ProcessedBatch batch = Process({Record("old", "2026-03-02T13:59:59Z", "1", Apply::kNewCalls),
                                        Record("new", "2026-03-02T14:00:00Z", "2", Apply::kNewCalls)});
  ASSERT_EQ(batch.calls.size(), 1u);
  EXPECT_EQ(Count("shadow_calls WHERE external_call_id = 'old'"), 1);
  EXPECT_EQ(Count("shadow_calls"), 1);
  EXPECT_EQ(Count("call_history WHERE external_call_id = 'new'"), 1);
  EXPECT_EQ(Count("call_history"), 1);
}

TEST_F(TrackingCallsTest, AWebhookThatTellsNoBeginningIsAppliedToCallsThatAre) {
  Process({Webhook("c1", "converted", Apply::kNewCalls)});
  EXPECT_EQ(Count("call_events"), 0);
  EXPECT_EQ(Count("shadow_calls"), 1);
  // Its call turns out to be new, in the same batch as a further one.
  Process(
      {Record("c1", "2026-03-02T14:05:11.204Z", "2", Apply::kNewCalls), Webhook("c1", "answered", Apply::kNewCalls)});
  EXPECT_EQ(Count("call_events WHERE type = 'answered'"), 1);
  const int64_t before = Count("call_events");
  Process({Webhook("c1", "converted", Apply::kNewCalls)});
  EXPECT_GT(Count("call_events"), before);
  EXPECT_EQ(Count("shadow_calls"), 1);
}

TEST_F(TrackingCallsTest, ABatchThatComesAgainIsAppliedAsBefore) {
  std::vector<MappedMessage> messages = {Webhook("c1", "start", Apply::kNewCalls),
                                         Record("c1", "2026-03-02T14:05:11.204Z", "2", Apply::kNewCalls),
                                         Record("old", "2026-03-02T13:00:00Z", "2", Apply::kNewCalls),
                                         Record("c3", "2026-03-02T13:00:00Z", "2", Apply::kShadow)};
  const ProcessedBatch lost = Process(messages);
  const ProcessedBatch again = Process(messages);
  EXPECT_EQ(again.new_events, 0);
  ASSERT_EQ(again.events.size(), lost.events.size());
  for (size_t i = 0; i < lost.events.size(); ++i) EXPECT_EQ(again.events[i].bytes, lost.events[i].bytes);
  EXPECT_EQ(Count("shadow_calls"), 2);
}

TEST_F(TrackingCallsTest, BackToApplyingTheNextReadingOfACallMakesItACall) {
  Process({Record("c1", "2026-03-02T14:05:11.204Z", "1", Apply::kShadow)});
  const ProcessedBatch batch = Process({Record("c1", "2026-03-02T14:05:11.204Z", "1")});
  EXPECT_GT(batch.new_events, 0);
  EXPECT_EQ(Count("call_history WHERE revenue = 1"), 1);
}

TEST_F(TrackingCallsTest, AHintIsLoggedAndTellsNothing) {
  Process({Webhook("c1", "ended", Apply::kAll, /*hint_only=*/true)});
  EXPECT_EQ(Count("webhook_logs WHERE outcome = 'hint' AND event = 'ended' AND call_id IS NOT NULL"), 1);
  EXPECT_EQ(Count("call_events"), 0);
}

}  // namespace
}  // namespace trunkline::normalizer
