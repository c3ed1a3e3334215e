#include "services/call-tracking-sync/recovery/webhook_watch.h"

#include "services/call-tracking-sync/testing/memory_fixture.h"

namespace trunkline::tracking_sync {
namespace {

namespace v1 = tracking::v1;

class WebhookWatchTest : public MemoryFixture {
 protected:
  // The hour before last of the fixture's clock is the first that is looked at.
  WebhookWatchTest() {
    from_ = clock_.Now() - absl::Hours(2);
    Run(Concat("UPDATE sync_status SET known_since = ", At(absl::ZeroDuration()),
               ", watermark = ", At(absl::Hours(2))));
  }

  std::string At(absl::Duration after) const {
    return Concat("to_timestamp(", absl::ToUnixSeconds(from_ + after), ")");
  }
  // A call that ended so long after the beginning of the hour.
  void Ended(const std::string& id, absl::Duration after, bool was_told) {
    Run(
        Concat("INSERT INTO tracked_records (provider_account_id, external_id, business_id, content_hash, readings, "
               "requested_at, is_live, started_at, ended_at, webhook_at) VALUES ('",
               kAccount, "', '", id, "', '", kOurs, "', '', 1, now(), false, ", At(after - absl::Minutes(3)), ", ",
               At(after), ", ", was_told ? At(after + absl::Seconds(2)) : std::string("NULL"), ")"));
  }
  // One before the hour, so that webhooks are to be expected.
  void WebhooksCame() { Ended("before", -absl::Hours(1), true); }
  int WorkThrough() {
    for (int turns = 0; turns < 200; ++turns) {
      const absl::StatusOr<bool> worked = watch_.WorkOn(Work());
      EXPECT_TRUE(worked.ok()) << worked.status();
      if (!worked.value_or(false)) return turns;
    }
    return 200;
  }
  // A recovery that was read to its end, of the hour.
  void RecoveryIsDone() {
    Run(
        Concat("INSERT INTO sync_runs (run_id, business_id, provider_account_id, kind, range_from, range_to, state, "
               "requested_by, request_id, finished_at) VALUES ('",
               NewId(), "', '", kOurs, "', '", kAccount, "', 'recovery', ", At(-absl::Minutes(15)), ", ",
               At(absl::Minutes(75)), ", 'done', 'us', '", NewId(), "', now())"));
  }

  absl::Time from_;
  WebhookHour told_;
  WebhookWatch watch_{worker_pool_, clock_, {.most_evidence = 3}, [this](std::string_view, const WebhookHour& hour) {
                        told_.expected += hour.expected;
                        told_.missed += hour.missed;
                        told_.recoveries += hour.recoveries;
                      }};
};

TEST_F(WebhookWatchTest, AnHourWithTooFewWebhooksIsReadAgainOnce) {
  WebhooksCame();
  for (int i = 0; i < 30; ++i) Ended(Concat("C", i), absl::Minutes(1 + i), i % 10 != 5);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(told_.expected, 30);
  EXPECT_EQ(told_.missed, 3);
  EXPECT_EQ(Count(Concat("SELECT count(*) FROM sync_runs WHERE kind = 'recovery' AND state = 'queued' AND requested_by "
                         "= 'call-tracking-sync' AND range_from = ",
                         At(-absl::Minutes(15)), " AND range_to = ", At(absl::Minutes(75)))),
            1);
  EXPECT_EQ(Count("SELECT webhooks_missed FROM sync_status"), 3);
  // As after a crash that lost the mark alone.
  Run("UPDATE sync_status SET webhooks_checked_until = NULL");
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM sync_runs"), 1);
}

TEST_F(WebhookWatchTest, WhatIsStillToBeReadWasTold) {
  WebhooksCame();
  for (int i = 0; i < 3; ++i) {
    Ended(Concat("C", i), absl::Minutes(1 + i), false);
    Run(
        Concat("INSERT INTO tracking_fetches (provider_account_id, external_id, business_id, notified_at, due_at) "
               "VALUES ('",
               kAccount, "', 'C", i, "', '", kOurs, "', now(), now())"));
  }
  WorkThrough();
  EXPECT_EQ(told_.expected, 3);
  EXPECT_EQ(told_.missed, 0);
}

TEST_F(WebhookWatchTest, AnAccountThatGetsNoWebhooksMissesNone) {
  for (int i = 0; i < 30; ++i) Ended(Concat("C", i), absl::Minutes(1 + i), false);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(told_.expected, 0);
  EXPECT_EQ(Count("SELECT count(*) FROM sync_runs"), 0);
}

TEST_F(WebhookWatchTest, WebhooksThatWereEnteredAtThePlatformAreExpected) {
  Run(
      Concat("INSERT INTO tracking_webhooks (provider_account_id, event, business_id, external_id, registered_at) "
             "VALUES ('",
             kAccount, "', 'ended', '", kOurs, "', 'W1', ", At(-absl::Minutes(1)), ")"));
  for (int i = 0; i < 3; ++i) Ended(Concat("C", i), absl::Minutes(1 + i), false);
  WorkThrough();
  EXPECT_EQ(told_.missed, 3);
  EXPECT_EQ(told_.recoveries, 1);
}

TEST_F(WebhookWatchTest, AnHourIsLookedAtOnceItsCallsAreKnown) {
  WebhooksCame();
  for (int i = 0; i < 3; ++i) Ended(Concat("C", i), absl::Minutes(1 + i), false);
  Run(Concat("UPDATE sync_status SET watermark = ", At(absl::Minutes(74))));
  EXPECT_EQ(WorkThrough(), 0);
  Run(Concat("UPDATE sync_status SET watermark = ", At(absl::Minutes(75))));
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(told_.recoveries, 1);
}

TEST_F(WebhookWatchTest, ThePlatformIsAskedWhatBecameOfThoseThatAreMissing) {
  platform_->features.insert(v1::FEATURE_WEBHOOK_DELIVERIES);
  for (int i = 0; i < 5; ++i) Ended(Concat("C", i), absl::Minutes(1 + i), i == 0);
  client().deliveries["C1"] = {{.event = "ended", .sent_at = clock_.Now(), .delivered = true, .http_status = 200}};
  client().deliveries["C2"] = {{.event = "ended", .sent_at = clock_.Now(), .delivered = false, .http_status = 500}};
  client().failures = {MemoryClient::Failure(v1::TRACKING_ERROR_CODE_TIMEOUT)};
  RecoveryIsDone();
  WorkThrough();
  EXPECT_EQ(client().evidence_asked, 1) << "it is asked again after a while";
  clock_.Advance(absl::Minutes(15));
  WorkThrough();
  EXPECT_EQ(client().evidence_asked, 4) << "three at most, and one that failed";
  EXPECT_EQ(Count("SELECT count(*) FROM sync_runs WHERE evidence_is_complete AND evidence_asked = 3 AND "
                  "delivered_not_processed = 1"),
            1);
  EXPECT_EQ(WorkThrough(), 0);
}

TEST_F(WebhookWatchTest, UnderAnEpochThatIsOverNothingIsDone) {
  WebhooksCame();
  for (int i = 0; i < 3; ++i) Ended(Concat("C", i), absl::Minutes(1 + i), false);
  EXPECT_EQ(watch_.WorkOn(Work(/*epoch=*/7)).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Count("SELECT count(*) FROM sync_runs"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM sync_status WHERE webhooks_checked_until IS NULL"), 1);
}

}  // namespace
}  // namespace trunkline::tracking_sync
