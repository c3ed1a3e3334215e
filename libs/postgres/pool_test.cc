#include "libs/postgres/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/lossy_proxy.h"
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

constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-0000000000b1";

TEST_F(PoolTest, AStatementAloneIsAWholeTransactionOfItsBusiness) {
  const auto acts_for = pool_.ExecuteInBusiness(kBusiness, "SELECT current_setting('app.business_id')", {});
  ASSERT_TRUE(acts_for.ok()) << acts_for.status();
  EXPECT_EQ(acts_for->Text(0, 0), kBusiness);
  // From the third on it is prepared.
  for (int i = 1; i <= 4; ++i) {
    const auto inserted = pool_.ExecuteInBusiness(kBusiness, "INSERT INTO t VALUES ($1) RETURNING id * 2", {i});
    ASSERT_TRUE(inserted.ok()) << inserted.status();
    EXPECT_EQ(inserted->Integer(0, 0), 2 * i);
    EXPECT_EQ(inserted->affected(), 1);
  }
  EXPECT_EQ(Count(), 4);
}

TEST_F(PoolTest, TheBusinessOfATransactionIsThatOfItsFirstStatementOfAnyKind) {
  CopyBuffer rows;
  rows.Bigint(7).EndRow();
  const auto acts_for = [](Transaction& tx) -> absl::StatusOr<std::string> {
    TL_ASSIGN_OR_RETURN(const Result setting, tx.Execute("SELECT current_setting('app.business_id', true)"));
    return setting.String(0, 0);
  };
  EXPECT_EQ(*pool_.InBusiness(kBusiness,
                              [&](Transaction& tx) -> absl::StatusOr<std::string> {
                                TL_RETURN_IF_ERROR(tx.Copy("COPY t FROM STDIN (FORMAT binary)", rows));
                                return acts_for(tx);
                              }),
            kBusiness);
  EXPECT_EQ(*pool_.InBusiness(kBusiness,
                              [&](Transaction& tx) -> absl::StatusOr<std::string> {
                                TL_RETURN_IF_ERROR(tx.ExecuteScript("DELETE FROM t"));
                                return acts_for(tx);
                              }),
            kBusiness);
  EXPECT_EQ(*pool_.InTransaction(acts_for), "");
  EXPECT_TRUE(pool_.InBusiness(kBusiness, [](Transaction&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(Count(), 0);
}

TEST_F(PoolTest, AStatementAloneThatFailsLeavesNothingAndSpoilsNothing) {
  Pool one({.url = database_.url(), .size = 1});
  const auto backend = [&one] { return one.ExecuteInBusiness("", "SELECT pg_backend_pid()", {})->Integer(0, 0); };
  const int64_t before = backend();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(one.ExecuteInBusiness(kBusiness, "INSERT INTO t VALUES (5), (5)", {}).status().code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(one.ExecuteInBusiness(kBusiness, "SELECT nonsense", {}).status().code(), absl::StatusCode::kInternal);
    EXPECT_EQ(one.ExecuteInBusiness(kBusiness, "SELECT $1::text", {"\xFF"}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Count(), 0);
  EXPECT_EQ(backend(), before);
}

TEST_F(PoolTest, WhatTheCommitItselfRefusesIsKnownToBeRefused) {
  ASSERT_TRUE(pool_
                  .InTransaction([](Transaction& tx) {
                    return tx.ExecuteScript("CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
                  })
                  .ok());
  EXPECT_EQ(pool_.ExecuteInBusiness(kBusiness, "INSERT INTO late VALUES (1), (1)", {}).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(PoolTest, AStatementThatTheServerDidNotFinishIsKnownNotToBeCommitted) {
  EXPECT_EQ(pool_.ExecuteInBusiness(kBusiness, "SELECT pg_terminate_backend(pg_backend_pid())", {}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_TRUE(pool_.Ping().ok());
}

TEST_F(PoolTest, ALostAnswerToACommitIsUnknown) {
  testing_support::LossyProxy proxy(database_.url());
  Pool far({.url = proxy.url(), .size = 1});
  for (int64_t id = 0; id < 4; ++id) {
    proxy.LoseAnswerTo("COMMIT");
    // In one way together with the statement, and on a way of its own.
    const absl::Status status = id % 2 == 0
                                    ? far.ExecuteInBusiness(kBusiness, "INSERT INTO t VALUES ($1)", {id}).status()
                                    : far.InTransaction([&](Transaction& tx) {
                                        return tx.Execute("INSERT INTO t VALUES ($1)", {id}).status();
                                      });
    EXPECT_EQ(status.code(), absl::StatusCode::kUnknown) << status;
  }
  EXPECT_EQ(proxy.lost(), 4);
  // It was committed all the same, which is why nobody may take it for undone.
  EXPECT_EQ(Count(), 4);
  EXPECT_TRUE(far.Ping().ok());
}

TEST_F(PoolTest, AnAnswerThatIsLostBeforeTheCommitIsNot) {
  testing_support::LossyProxy proxy(database_.url());
  Pool far({.url = proxy.url(), .size = 1});
  proxy.LoseAnswerTo("INSERT");
  const absl::Status status =
      far.InBusiness(kBusiness, [](Transaction& tx) { return tx.Execute("INSERT INTO t VALUES (1)").status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(Count(), 0);
}

TEST(PoolWithoutServerTest, IsUnavailable) {
  Pool pool({.url = "postgresql://nobody@127.0.0.1:1/none"});
  EXPECT_EQ(pool.Ping().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace trunkline::postgres
