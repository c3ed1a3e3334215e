// For integration tests: a business with an account at a platform in memory, on a database of the test's own, and a
// clock that is moved by hand.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/call_events.h"
#include "libs/tracking/registry.h"
#include "services/call-tracking-sync/testing/memory_platform.h"
#include "services/call-tracking-sync/work/account_at_work.h"
#include "tests/support/test_database.h"

namespace trunkline::tracking_sync {

inline constexpr char kOurs[] = "0190b2c3-0000-7000-8000-00000000000a";
inline constexpr char kTheirs[] = "0190b2c3-0000-7000-8000-00000000000b";
inline constexpr char kAccount[] = "0190b2c3-0000-7000-8000-0000000000a1";

class MemoryFixture : public ::testing::Test {
 protected:
  MemoryFixture() {
    for (const char* business : {kOurs, kTheirs}) {
      Run(Concat("INSERT INTO businesses (business_id, name) VALUES ('", business, "', 'test')"));
    }
    Run(Concat("INSERT INTO telephony_providers (provider_account_id, business_id, provider) VALUES ('", kAccount,
               "', '", kOurs, "', '", kMemoryPlatform, "')"));
    Run(Concat("INSERT INTO sync_status (provider_account_id, business_id, provider, epoch, last_successful_sync_at) ",
               "VALUES ('", kAccount, "', '", kOurs, "', '", kMemoryPlatform, "', 1, now())"));
  }

  static std::string NewId() { return NewUuid(absl::Now()); }
  static rpc::Caller Us() { return {.business_id = kOurs, .actor = "api-key:us"}; }
  static rpc::Caller Them() { return {.business_id = kTheirs, .actor = "api-key:them"}; }
  MemoryClient& client() { return platform_->Client(); }

  // The owner's hands. What it sends is kept in `sent_`.
  AccountAtWork Work(int64_t epoch = 1) {
    return {.account = account_,
            .platform = *platform_,
            .fence = [epoch](postgres::Transaction& tx) -> absl::Status {
              TL_ASSIGN_OR_RETURN(
                  const postgres::Result rows,
                  tx.Execute("SELECT FROM sync_status WHERE provider_account_id = $1 AND epoch = $2 FOR "
                             "SHARE",
                             {kAccount, epoch}));
              return rows.empty() ? absl::AbortedError("another replica owns the account") : absl::OkStatus();
            },
            .send_records =
                [this](const std::vector<tracking::PlatformCall>& calls, webhooks::v1::RecordReason) {
                  for (const tracking::PlatformCall& call : calls) sent_.push_back(call.call.external_id);
                  return absl::OkStatus();
                }};
  }

  // Puts a call where the normalizer would.
  void PutHere(const tracking::TrackedCall& call) {
    calls::v1::CallState state;
    const tracking::CallPlace place = {.platform = kMemoryPlatform, .account_id = kAccount};
    for (events::v1::CallEvent& event : tracking::EventsOfRecord(place, call, {.requested_at = clock_.Now()})) {
      event.set_business_id(kOurs);
      telephony::MergeEvent(event, &state);
    }
    PutState(state);
  }
  void PutState(const calls::v1::CallState& state) {
    const calls::v1::CallRecord record = telephony::Project(state);
    const absl::Status status = owner_.InTransaction([&](postgres::Transaction& tx) {
      return tx
          .Execute(
              Concat("INSERT INTO ", telephony::IsEnded(record.status()) ? "call_history" : "call_queue",
                     " (call_id, business_id, provider, provider_account_id, external_call_id, direction, status, ",
                     "from_number, to_number, started_at, last_event_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, ",
                     "$8, $9, $10, $10, $11) ON CONFLICT (call_id) DO UPDATE SET state = excluded.state"),
              {record.call_id(), record.business_id(), record.details().provider(),
               record.details().provider_account_id(), record.details().external_call_id(),
               telephony::NameOf(record.details().direction()), telephony::NameOf(record.status()),
               record.details().from(), record.details().to(), absl::FromUnixMicros(telephony::StartedAtMicros(state)),
               postgres::Parameter::Bytes(state.SerializeAsString())})
          .status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  // An ended call of the platform's, that began so long before now.
  tracking::TrackedCall MakeCall(const std::string& id, absl::Duration ago) const {
    using tracking::Told;
    tracking::TrackedCall call;
    call.external_id = id;
    call.caller = Told<std::string>::Of("+12025550143");
    call.tracking_number = Told<std::string>::Of("+18885550164");
    call.destination = Told<std::string>::Of("+13125550199");
    call.direction = Told<calls::v1::CallDirection>::Of(calls::v1::CALL_DIRECTION_INBOUND);
    call.campaign_id = Told<std::string>::Of("CA1");
    call.publisher_id = Told<std::string>::Of("PB1");
    call.buyer_id = Told<std::string>::Of("BU1");
    call.status = calls::v1::CALL_STATUS_COMPLETED;
    const absl::Time at = clock_.Now() - ago;
    call.started_at = Told<absl::Time>::Of(at);
    call.answered_at = Told<absl::Time>::Of(at + absl::Seconds(20));
    call.ended_at = Told<absl::Time>::Of(at + absl::Seconds(200));
    call.duration_seconds = Told<int64_t>::Of(200);
    call.talk_seconds = Told<int64_t>::Of(180);
    call.recording_url = Told<std::string>::Of("https://recordings.example/1");
    call.revenue = Told<int64_t>::Of(325'000);
    call.payout = Told<int64_t>::Of(250'000);
    call.cost = Told<int64_t>::Of(3'400);
    call.converted = Told<bool>::Of(true);
    call.updated_at = Told<absl::Time>::Of(at + absl::Minutes(5));
    call.tags = Told<tracking::Tags>::Of({{"geo", "us"}});
    return call;
  }

  void Run(const std::string& sql) {
    const absl::Status status = owner_.InTransaction([&](postgres::Transaction& tx) { return tx.ExecuteScript(sql); });
    EXPECT_TRUE(status.ok()) << status;
  }
  int64_t Count(const std::string& sql) {
    const auto count = owner_.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute(sql));
      return rows.Integer(0, 0);
    });
    EXPECT_TRUE(count.ok()) << count.status();
    return count.value_or(-1);
  }

  testing_support::TestDatabase database_;
  postgres::Pool owner_{{.url = database_.url()}};
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_tracking"), .size = 4}};
  postgres::Pool worker_pool_{{.url = database_.UrlOf("trunkline_tracking_worker"), .size = 4}};
  ManualClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  MemoryPlatform* platform_ = new MemoryPlatform(clock_);
  const tracking::Registry platforms_{[this] {
    std::vector<std::unique_ptr<tracking::TrackingPlatform>> all;
    all.emplace_back(platform_);
    return all;
  }()};
  const tracking::Account account_ = {
      .id = kAccount, .business_id = kOurs, .provider = kMemoryPlatform, .settings = {}, .credentials = {}};
  std::vector<std::string> sent_;
};

}  // namespace trunkline::tracking_sync
