#include "libs/postgres/connection.h"

#include <gtest/gtest.h>

#include "tests/support/test_database.h"

namespace trunkline::postgres {
namespace {

class ConnectionTest : public ::testing::Test {
 protected:
  testing_support::TestDatabase database_{/*migrated=*/false};
  std::unique_ptr<Connection> connection_ = *Connection::Open(database_.url());
  Transaction& tx_ = connection_->transaction();
};

TEST_F(ConnectionTest, ValuesComeBackAsTheyWent) {
  const absl::Time now = absl::FromUnixMicros(1'772'528'400'123'456);
  const auto rows = tx_.Execute(
      "SELECT $1::text, $2::bigint, $3::bytea, (extract(epoch FROM $4::timestamptz) * 1000000)::bigint, $5::boolean, "
      "$6::text, $7::text[]",
      {"grüße 'x'", 42, Parameter::Bytes(std::string_view("\0\xFF", 2)), now, true, std::nullopt,
       Parameter::Array(std::vector<std::string>{"a,b", "\"c\\"})});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Text(0, 0), "grüße 'x'");
  EXPECT_EQ(rows->Integer(0, 1), 42);
  EXPECT_EQ(rows->Bytes(0, 2), std::string("\0\xFF", 2));
  EXPECT_EQ(rows->Time(0, 3), now);
  EXPECT_TRUE(rows->Boolean(0, 4));
  EXPECT_TRUE(rows->IsNull(0, 5));
  EXPECT_EQ(rows->Text(0, 6), R"({"a,b","\"c\\"})");
}

TEST_F(ConnectionTest, TextThatCannotBeStoredIsRefusedAndNotCut) {
  EXPECT_EQ(tx_.Execute("SELECT $1::text", {std::string_view("a\0b", 3)}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tx_.Execute("SELECT $1::text", {"\xFF"}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConnectionTest, ErrorsHaveTheCodeOfTheirKind) {
  ASSERT_TRUE(
      tx_.ExecuteScript("CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0)); INSERT INTO t VALUES (1, 1)").ok());
  EXPECT_EQ(tx_.Execute("INSERT INTO t VALUES (1, 1)").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(tx_.Execute("INSERT INTO t VALUES (2, 0)").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(tx_.Execute("SELECT 'x'::int").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tx_.Execute("SELECT nonsense").status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(tx_.ExecuteScript("SET statement_timeout = 20; SELECT pg_sleep(5)").code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ConnectionTest, ALostConnectionIsUnavailableAndKnownToBe) {
  const auto other = *Connection::Open(database_.url());
  const int64_t pid = tx_.Execute("SELECT pg_backend_pid()")->Integer(0, 0);
  ASSERT_TRUE(other->transaction().Execute("SELECT pg_terminate_backend($1, 5000)", {pid}).ok());
  EXPECT_EQ(tx_.Execute("SELECT 1").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(connection_->IsUsable());
}

TEST_F(ConnectionTest, AFailedTransactionDoesNotCommitInSilence) {
  ASSERT_TRUE(connection_->Begin().ok());
  EXPECT_FALSE(tx_.Execute("SELECT nonsense").ok());
  EXPECT_EQ(connection_->Commit().code(), absl::StatusCode::kAborted);
}

TEST_F(ConnectionTest, CopyTakesRowsOrTellsWhatIsWrong) {
  ASSERT_TRUE(tx_.ExecuteScript("CREATE TABLE t (name text, at timestamptz)").ok());
  CopyBuffer rows;
  for (int i = 0; i < 1000; ++i) rows.Text("tab\tand\\more").Timestamp(1'772'528'400'000'000).EndRow();
  ASSERT_TRUE(tx_.Copy("COPY t FROM STDIN", rows).ok());
  EXPECT_EQ(tx_.Execute("SELECT count(*) FROM t WHERE name = $1", {"tab\tand\\more"})->Integer(0, 0), 1000);
  CopyBuffer wrong;
  wrong.Text("x").Text("no time").EndRow();
  EXPECT_EQ(tx_.Copy("COPY t FROM STDIN", wrong).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(tx_.Execute("SELECT 1").ok());
}

TEST_F(ConnectionTest, ANotificationWakesTheListener) {
  const auto listener = *Connection::Open(database_.url());
  ASSERT_TRUE(listener->Listen("news").ok());
  EXPECT_FALSE(*listener->WaitForNotification(absl::Milliseconds(1)));
  ASSERT_TRUE(tx_.ExecuteScript("NOTIFY news").ok());
  EXPECT_TRUE(*listener->WaitForNotification(absl::Seconds(10)));
}

}  // namespace
}  // namespace trunkline::postgres
