#include "libs/postgres/schema_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/postgres/connection.h"
#include "tests/support/source_path.h"
#include "tests/support/test_database.h"

namespace trunkline::postgres {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SchemaComparisonTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<std::string>> Compare() {
    return CompareSchema(database_.url(), SourcePath("deploy/migrations"));
  }
  void Run(const std::string& sql) {
    const auto connection = *Connection::Open(database_.url());
    ASSERT_TRUE(connection->transaction().ExecuteScript(sql).ok());
  }

  testing_support::TestDatabase database_;
};

TEST_F(SchemaComparisonTest, AMigratedDatabaseHasEverythingAndStaysAsItIs) {
  auto found = Compare();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, IsEmpty());
  const auto connection = *Connection::Open(database_.url());
  EXPECT_EQ(connection->transaction()
                .Execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'trunkline%'")
                ->Integer(0, 0),
            0);
}

TEST_F(SchemaComparisonTest, WhatIsMissingOrDifferentIsNamed) {
  Run("DROP INDEX contacts_waiting; ALTER TABLE contacts DROP COLUMN external_id; "
      "ALTER TABLE campaigns ALTER COLUMN name TYPE varchar(50); DROP TABLE attempt_outcomes; "
      "DROP INDEX attempts_contact; CREATE INDEX attempts_contact ON attempts (campaign_id, number)");
  auto found = Compare();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, Contains("table attempt_outcomes is missing"));
  EXPECT_THAT(*found, Contains("column contacts.external_id is missing (text not null)"));
  EXPECT_THAT(*found, Contains("column campaigns.name is character varying(50) not null, not text not null"));
  EXPECT_THAT(*found,
              Contains(AllOf(HasSubstr("index contacts_waiting is missing"), HasSubstr("(campaign_id, due_at)"))));
  EXPECT_THAT(*found, Contains(HasSubstr("index attempts_contact is:")));
}

TEST(EmptyDatabaseTest, AnEmptyDatabaseLacksEveryTable) {
  const testing_support::TestDatabase database(/*migrated=*/false);
  const auto found = CompareSchema(database.url(), SourcePath("deploy/migrations"));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(*found, Contains("table campaigns is missing"));
}

}  // namespace
}  // namespace trunkline::postgres
