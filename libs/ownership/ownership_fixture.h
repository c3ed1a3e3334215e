// For tests: things and replicas in a database of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/ownership/replica.h"
#include "tests/support/test_database.h"

namespace trunkline::ownership {

class OwnershipFixture : public testing::Test {
 protected:
  static constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-00000000000a";
  static constexpr absl::Duration kPatience = absl::Seconds(20);

  OwnershipFixture() {
    EXPECT_TRUE(
        owner_->transaction()
            .ExecuteScript("CREATE TABLE example_replicas (replica_id uuid PRIMARY KEY, lock_key bigint GENERATED "
                           "ALWAYS AS IDENTITY, address text NOT NULL, started_at timestamptz NOT NULL DEFAULT "
                           "now(), heartbeat_at timestamptz NOT NULL DEFAULT now()); CREATE TABLE examples "
                           "(example_id uuid PRIMARY KEY, business_id uuid NOT NULL, replica_id uuid, epoch "
                           "bigint NOT NULL DEFAULT 0, is_wanted boolean NOT NULL DEFAULT true); CREATE TABLE "
                           "takings (example_id uuid, replica_id uuid, reason text)")
            .ok());
  }

  postgres::Result Run(const std::string& sql, const std::vector<postgres::Parameter>& parameters = {}) {
    auto result = owner_->transaction().Execute(sql, parameters);
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }
  int64_t Number(const std::string& sql) { return Run(sql).Integer(0, 0); }
  // A thing that is wanted and that nobody owns.
  std::string Add() {
    const std::string id = NewUuid(absl::Now());
    Run("INSERT INTO examples (example_id, business_id) VALUES ($1, $2)", {id, kBusiness});
    return id;
  }

  Replica::Options OptionsOf(absl::Duration silence = absl::Hours(1)) {
    return {.tables = {.replicas = "example_replicas",
                       .owned = "examples",
                       .key = "example_id",
                       .wanted = "SELECT example_id FROM examples WHERE is_wanted",
                       .lock_class = 0x65784c,
                       .channel = "examples_change"},
            .database_url = database_.url(),
            .address = "replica:7090",
            .silence = silence};
  }
  static std::unique_ptr<Replica> Join(Replica::Options options) {
    auto replica = Replica::Join(std::move(options));
    EXPECT_TRUE(replica.ok()) << replica.status();
    return *std::move(replica);
  }
  std::unique_ptr<Replica> Join() { return Join(OptionsOf()); }

  testing_support::TestDatabase database_{/*migrated=*/false};
  std::unique_ptr<postgres::Connection> owner_ = *postgres::Connection::Open(database_.url());
};

}  // namespace trunkline::ownership
