#include "services/call-tracking-sync/upkeep/account_upkeep.h"

#include "services/call-tracking-sync/testing/memory_fixture.h"
#include "services/call-tracking-sync/upkeep/owned_account.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tracking::PlatformCall;

class AccountUpkeepTest : public MemoryFixture {
 protected:
  AccountAtWork Ours(int64_t epoch = 1) {
    return AtWork({.account = account_,
                   .platform = *platform_,
                   .epoch = epoch,
                   .pool = worker_pool_,
                   .commit = [this](const std::vector<PlatformCall>& calls, webhooks::v1::RecordReason) {
                     for (const PlatformCall& call : calls) sent_.push_back(call.call.external_id);
                     return absl::StatusOr<bool>(true);
                   }});
  }

  CommandRunner commands_{worker_pool_, clock_, {}};
  WebhookKeeper webhooks_{worker_pool_, clock_, {}, [](std::string_view, std::string_view, int64_t) {}};
  NumberKeeper numbers_{worker_pool_, clock_, {}};
  WebhookWatch watch_{worker_pool_, clock_, {}, [](std::string_view, const WebhookHour&) {}};
  ConsistencyChecker checker_{worker_pool_, clock_, {}, [](const tracking::v1::Check&) {}};
  AccountUpkeep upkeep_{{commands_, webhooks_, numbers_, watch_, checker_, clock_}};
};

TEST_F(AccountUpkeepTest, TheListIsReadAndTheChecksOfTheDayAreRunToTheirEnd) {
  client().calls["C1"] = MakeCall("C1", absl::Hours(3));
  for (int i = 0; i < 100; ++i) {
    const absl::StatusOr<bool> worked = upkeep_.WorkOn(Ours());
    ASSERT_TRUE(worked.ok()) << worked.status();
    if (!*worked) break;
  }
  EXPECT_EQ(Count("SELECT count(*) FROM consistency_checks WHERE state = 3"), 2);
  EXPECT_EQ(Count("SELECT count(*) FROM tracking_number_lists WHERE listed_at IS NOT NULL"), 1);
  EXPECT_THAT(sent_, ElementsAre("C1"));
}

TEST_F(AccountUpkeepTest, WhatIsSentAgainIsKnownAnewAndKeepsItsCountOfReadings) {
  Run(Concat(
      "INSERT INTO tracked_records (provider_account_id, external_id, business_id, version, content_hash, readings, "
      "requested_at, is_live) VALUES ('",
      kAccount, "', 'C1', '", kOurs, "', now(), '\\x01', 3, now(), false)"));
  const PlatformCall call = {.body = "{}", .call = MakeCall("C1", absl::Hours(3)), .requested_at = clock_.Now()};
  ASSERT_TRUE(Ours().send_records({call}, webhooks::v1::RECORD_REASON_RECOVERY).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM tracked_records WHERE content_hash = '' AND version IS NULL AND readings = 3"),
            1);
  EXPECT_THAT(sent_, ElementsAre("C1"));
}

TEST_F(AccountUpkeepTest, UnderAnEpochThatIsOverNothingIsDone) {
  client().calls["C1"] = MakeCall("C1", absl::Hours(3));
  EXPECT_EQ(upkeep_.WorkOn(Ours(/*epoch=*/7)).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(absl::IsAborted(Ours(7).send_records({}, webhooks::v1::RECORD_REASON_RECOVERY)));
  EXPECT_THAT(sent_, IsEmpty());
}

}  // namespace
}  // namespace trunkline::tracking_sync
