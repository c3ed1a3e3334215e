#include "libs/postgres/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/test_database.h"

namespace trunkline::postgres {
namespace {

class PoolTest : public ::testing::Test {
 protected:
  PoolTest() {
    EXPECT_TRUE(
        pool_.InTransaction([](Transaction& tx) { return tx.ExecuteScript("CREATE TABLE t (id bigint PRIMARY KEY)"); })
            .ok());
  }

  int64_t Count() {
    return *pool_.InTransaction([](Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT count(*) FROM t"));
      return rows.Integer(0, 0);
    });
  }

  testing_support::TestDatabase database_{/*migrated=*/false};
  Pool pool_{{.url = database_.url(), .size = 2}};
};

TEST_F(PoolTest, OkCommitsAndAnErrorRollsBack) {
  EXPECT_TRUE(
      pool_.InTransaction([](Transaction& tx) { return tx.Execute("INSERT INTO t VALUES (1)").status(); }).ok());
  const absl::Status status = pool_.InTransaction([](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(tx.Execute("INSERT INTO t VALUES (2)").status());
    return absl::NotFoundError("changed my mind");
  });
  EXPECT_EQ(status.message(), "changed my mind");
  EXPECT_EQ(Count(), 1);
}

TEST_F(PoolTest, ABrokenConnectionIsReplaced) {
  const absl::Status status = pool_.InTransaction(
      [](Transaction& tx) { return tx.Execute("SELECT pg_terminate_backend(pg_backend_pid())").status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(pool_.Ping().ok());
}

// As after a restart of the server: every idle connection is broken, and nobody has noticed yet.
TEST_F(PoolTest, AConnectionThatBrokeWhileIdleIsNotNoticed) {
  EXPECT_TRUE(pool_.Ping().ok());
  Pool other({.url = database_.url(), .size = 1});
  ASSERT_TRUE(other
                  .InTransaction([](Transaction& tx) {
                    return tx
                        .Execute(
                            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                            "WHERE datname = current_database() AND pid <> pg_backend_pid()")
                        .status();
                  })
                  .ok());
  int runs = 0;
  const absl::Status status = pool_.InTransaction([&](Transaction& tx) {
    ++runs;
    return tx.Execute("INSERT INTO t VALUES (1)").status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Count(), 1);
}

TEST_F(PoolTest, MoreThreadsThanConnectionsTakeTurns) {
  std::atomic<int64_t> next = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 20; ++j) {
          EXPECT_TRUE(pool_
                          .InTransaction([&](Transaction& tx) {
                            return tx.Execute("INSERT INTO t VALUES ($1)", {next++}).status();
                          })
                          .ok());
        }
      });
    }
  }
  EXPECT_EQ(Count(), 160);
}

TEST(PoolWithoutServerTest, IsUnavailable) {
  Pool pool({.url = "postgresql://nobody@127.0.0.1:1/none"});
  EXPECT_EQ(pool.Ping().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace trunkline::postgres
