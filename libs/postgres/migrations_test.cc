#include "libs/postgres/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "libs/postgres/pool.h"
#include "tests/support/test_database.h"

namespace trunkline::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MigrationsTest : public ::testing::Test {
 protected:
  MigrationsTest() {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    Write("0001_first.sql", "CREATE TABLE a (id int)");
  }
  void Write(const std::string& name, const std::string& sql) { std::ofstream(directory_ + "/" + name) << sql; }

  testing_support::TestDatabase database_{/*migrated=*/false};
  std::string directory_ = ::testing::TempDir() + "/migrations";
};

TEST_F(MigrationsTest, EachFileRunsOnce) {
  EXPECT_THAT(*Migrate(database_.url(), directory_), ElementsAre("0001_first.sql"));
  EXPECT_THAT(*Migrate(database_.url(), directory_), IsEmpty());
  Write("0002_second.sql", "ALTER TABLE a ADD COLUMN b int");
  EXPECT_THAT(*Migrate(database_.url(), directory_), ElementsAre("0002_second.sql"));
}

TEST_F(MigrationsTest, AChangedFileIsRefused) {
  ASSERT_TRUE(Migrate(database_.url(), directory_).ok());
  Write("0001_first.sql", "CREATE TABLE b (id int)");
  EXPECT_EQ(Migrate(database_.url(), directory_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MigrationsTest, AFailingFileLeavesNothingBehind) {
  Write("0002_broken.sql", "CREATE TABLE b (id int); SELECT nonsense");
  EXPECT_THAT(std::string(Migrate(database_.url(), directory_).status().message()),
              ::testing::StartsWith("0002_broken.sql: PostgreSQL:"));
  Write("0002_broken.sql", "CREATE TABLE b (id int)");
  EXPECT_THAT(*Migrate(database_.url(), directory_), ElementsAre("0002_broken.sql"));
}

TEST_F(MigrationsTest, TwoAtOnceWaitForEachOther) {
  for (int i = 2; i < 20; ++i)
    Write("01" + std::to_string(i) + ".sql", "ALTER TABLE a ADD COLUMN c" + std::to_string(i) + " int");
  absl::StatusOr<std::vector<std::string>> first;
  absl::StatusOr<std::vector<std::string>> second;
  {
    const std::jthread one([&] { first = Migrate(database_.url(), directory_); });
    const std::jthread two([&] { second = Migrate(database_.url(), directory_); });
  }
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->size() + second->size(), 19u);
}

TEST(SchemaTest, RowLevelSecurityHidesOtherBusinesses) {
  const testing_support::TestDatabase database;
  Pool owner({.url = database.url()});
  const std::string ours = "0190b2c3-0000-7000-8000-000000000001";
  const std::string theirs = "0190b2c3-0000-7000-8000-000000000002";
  for (const std::string& business : {ours, theirs}) {
    ASSERT_TRUE(
        owner
            .InTransaction([&](Transaction& tx) {
              return tx.Execute("INSERT INTO businesses (business_id, name) VALUES ($1, 'x')", {business}).status();
            })
            .ok());
  }
  Pool gateway({.url = database.UrlOf("trunkline_gateway")});
  const auto count = [](Transaction& tx) -> absl::StatusOr<int64_t> {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT count(*) FROM businesses"));
    return rows.Integer(0, 0);
  };
  EXPECT_EQ(*gateway.InBusiness(ours, count), 1);
  EXPECT_EQ(*gateway.InTransaction(count), 0);
  // Every table that holds a business's rows is isolated; a new one that is not fails here.
  const auto open = owner.InTransaction([](Transaction& tx) -> absl::StatusOr<std::string> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute("SELECT string_agg(c.relname, ',') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                   "WHERE a.attname = 'business_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
                   "AND NOT c.relrowsecurity"));
    return rows.String(0, 0);
  });
  EXPECT_EQ(*open, "");
}

}  // namespace
}  // namespace trunkline::postgres
