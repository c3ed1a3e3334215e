// For integration tests: an account at a call-tracking platform on a database of the test's own, and its owner.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/tracking/platform_client.h"
#include "services/call-tracking-sync/store/account_store.h"
#include "services/call-tracking-sync/store/fetch_store.h"
#include "services/call-tracking-sync/store/postgres_request_journal.h"
#include "services/call-tracking-sync/store/record_store.h"
#include "tests/support/test_database.h"

namespace trunkline::tracking_sync {

inline constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-00000000000a";
inline constexpr char kAccount[] = "0190b2c3-0000-7000-8000-0000000000a1";

class TrackingFixture : public testing::Test {
 protected:
  TrackingFixture() {
    Run("INSERT INTO businesses (business_id, name) VALUES ($1, 'b')", {kBusiness});
    Run("INSERT INTO telephony_providers (provider_account_id, business_id, provider) VALUES ($1, $2, 'retreaver')",
        {kAccount, kBusiness});
    EXPECT_TRUE(accounts_.SetKnown({{kAccount, kBusiness, "retreaver"}}).value());
    owner_ = Own();
  }

  postgres::Result Run(const std::string& sql, const std::vector<postgres::Parameter>& parameters = {}) {
    auto result = owner_of_tables_->transaction().Execute(sql, parameters);
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }
  int64_t Number(const std::string& sql) { return Run(sql).Integer(0, 0); }

  // Takes the account, as a replica would.
  Ownership Own() {
    const auto row =
        Run("UPDATE sync_status SET epoch = epoch + 1 WHERE provider_account_id = $1 RETURNING epoch", {kAccount});
    return {kAccount, kBusiness, row.Integer(0, 0)};
  }

  static tracking::PlatformCall Call(const std::string& id, int64_t revenue, absl::Time requested_at,
                                     std::optional<absl::Time> version = std::nullopt) {
    tracking::PlatformCall call{.body = "{}", .call = {.external_id = id}, .requested_at = requested_at};
    call.call.status = calls::v1::CALL_STATUS_COMPLETED;
    call.call.revenue = {true, revenue};
    call.call.started_at = {true, absl::FromUnixSeconds(1'772'460'000)};
    if (version.has_value()) call.call.updated_at = {true, version};
    return call;
  }
  RecordOutcome Commit(const RecordBatch& batch) { return Commit(owner_, batch); }
  RecordOutcome Commit(const Ownership& owner, const RecordBatch& batch) {
    auto outcome = records_.Commit(owner, account_, batch);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(RecordOutcome());
  }
  // The messages that wait, and takes them out.
  std::vector<webhooks::v1::RawWebhook> TakeMessages() {
    std::vector<webhooks::v1::RawWebhook> messages;
    auto rows = owner_of_tables_->transaction().ExecuteBinary("SELECT message FROM tracking_outbox ORDER BY outbox_id");
    EXPECT_TRUE(rows.ok()) << rows.status();
    for (int i = 0; i < rows->size(); ++i) messages.emplace_back().ParseFromString(rows->Bytes(i, 0));
    Run("DELETE FROM tracking_outbox");
    return messages;
  }

  testing_support::TestDatabase database_;
  std::unique_ptr<postgres::Connection> owner_of_tables_ = *postgres::Connection::Open(database_.url());
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_tracking_worker"), .size = 8}};
  SystemClock clock_;
  AccountStore accounts_{pool_};
  FetchStore fetches_{pool_, absl::ZeroDuration()};
  PostgresRequestJournal journal_{pool_};
  int written_ = 0;
  RecordStore records_{pool_, clock_, [this] { ++written_; }};
  const tracking::Account account_{.id = kAccount, .business_id = kBusiness, .provider = "retreaver"};
  Ownership owner_;
};

}  // namespace trunkline::tracking_sync
