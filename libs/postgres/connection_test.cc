#include "libs/postgres/connection.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
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

TEST_F(ConnectionTest, AStatementIsPreparedWhenItComesAgain) {
  const auto prepared = [this] {
    return tx_.Execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%twice%'")->size();
  };
  const std::string sql = "SELECT $1::bigint AS twice";
  EXPECT_EQ(tx_.Execute(sql, {1})->Integer(0, 0), 1);
  EXPECT_EQ(prepared(), 0);
  EXPECT_EQ(tx_.Execute(sql, {2})->Integer(0, 0), 2);
  EXPECT_EQ(prepared(), 2);  // this question came twice as well
  EXPECT_EQ(tx_.ExecuteBinary(sql, {3})->Integer(0, 0), 3);
  EXPECT_EQ(tx_.Execute(sql, {std::nullopt})->Integer(0, 0), 0);
}

TEST_F(ConnectionTest, TextsThatAreNewEachTimeDoNotGather) {
  for (int i = 0; i < 300; ++i) {
    const std::string sql = Concat("SELECT ", i);
    for (int again = 0; again < 2; ++again) ASSERT_EQ(tx_.Execute(sql)->Integer(0, 0), i);
  }
  EXPECT_EQ(tx_.Execute("SELECT count(*) FROM pg_prepared_statements")->Integer(0, 0), 100);
}

TEST_F(ConnectionTest, AStatementThatCannotBePreparedFailsAsItWouldHave) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(tx_.Execute("SELECT nonsense").status().code(), absl::StatusCode::kInternal);
  }
  EXPECT_TRUE(connection_->IsUsable());
  // Within a transaction that failed nothing can be prepared; afterwards it can.
  const std::string sql = "SELECT 5";
  ASSERT_EQ(tx_.Execute(sql)->Integer(0, 0), 5);
  connection_->Begin();
  EXPECT_FALSE(tx_.Execute("SELECT 1 / 0").ok());
  EXPECT_FALSE(tx_.Execute(sql).ok());
  connection_->Rollback();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tx_.Execute(sql)->Integer(0, 0), 5);
}

TEST_F(ConnectionTest, ATableThatChangedMakesTheConnectionAnew) {
  ASSERT_TRUE(tx_.ExecuteScript("CREATE TABLE t (id int); INSERT INTO t VALUES (7)").ok());
  for (int i = 0; i < 2; ++i) ASSERT_EQ(tx_.Execute("SELECT * FROM t")->Integer(0, 0), 7);
  ASSERT_TRUE(tx_.ExecuteScript("ALTER TABLE t ADD COLUMN more int").ok());
  EXPECT_EQ(tx_.Execute("SELECT * FROM t").status().code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(connection_->IsUsable());
}

TEST_F(ConnectionTest, ALostConnectionIsUnavailableAndKnownToBe) {
  const auto other = *Connection::Open(database_.url());
  const int64_t pid = tx_.Execute("SELECT pg_backend_pid()")->Integer(0, 0);
  ASSERT_TRUE(other->transaction().Execute("SELECT pg_terminate_backend($1, 5000)", {pid}).ok());
  EXPECT_EQ(tx_.Execute("SELECT 1").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(connection_->IsUsable());
}

TEST_F(ConnectionTest, AFailedTransactionDoesNotCommitInSilence) {
  connection_->Begin();
  EXPECT_FALSE(tx_.Execute("SELECT nonsense").ok());
  EXPECT_EQ(connection_->Commit().code(), absl::StatusCode::kAborted);
}

TEST_F(ConnectionTest, CopyTakesRowsOrTellsWhatIsWrong) {
  ASSERT_TRUE(tx_.ExecuteScript("CREATE TABLE t (name text, at timestamptz)").ok());
  CopyBuffer rows;
  for (int i = 0; i < 1000; ++i) rows.Text("tab\tand\\more").Timestamp(1'772'528'400'000'000).EndRow();
  ASSERT_TRUE(tx_.Copy("COPY t FROM STDIN (FORMAT binary)", rows).ok());
  EXPECT_EQ(tx_.Execute("SELECT count(*) FROM t WHERE name = $1", {"tab\tand\\more"})->Integer(0, 0), 1000);
  CopyBuffer wrong;
  wrong.Text("x").Text("no time").EndRow();
  EXPECT_EQ(tx_.Copy("COPY t FROM STDIN (FORMAT binary)", wrong).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(tx_.Execute("SELECT 1").ok());
}

TEST_F(ConnectionTest, EveryTypeGoesThroughCopyAsItIs) {
  ASSERT_TRUE(tx_.ExecuteScript("CREATE TABLE t (id uuid, words text, list text[], json jsonb, small integer, "
                                "large bigint, real double precision, at timestamptz, bytes bytea, version xid)")
                  .ok());
  CopyBuffer rows;
  rows.Uuid("0190b2c3-0000-7000-8000-0000000000b1").Text("grüße\n'x'").TextArray({"a,b", "\"c\\", ""});
  rows.Json(R"({"k": ["v", null]})").Integer(-2'000'000'000).Bigint(-9'000'000'000'000'000'000).Real(-1.5e-7);
  rows.Timestamp(1'772'528'400'123'456).Bytes(std::string_view("\0\xFF\\", 3)).TransactionId(4'000'000'000).EndRow();
  for (int i = 0; i < 10; ++i) rows.Null();
  rows.EndRow();
  rows.Uuid("no uuid").Text("").TextArray({}).Json("{}").Integer(0).Bigint(0).Real(0).Timestamp(-1).Bytes("");
  rows.TransactionId(0).EndRow();
  const absl::Status status = tx_.Copy("COPY t FROM STDIN (FORMAT binary)", rows);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_TRUE(tx_.ExecuteScript("SET timezone = 'UTC'").ok());
  const auto found = tx_.Execute("SELECT row_to_json(t)::text FROM t");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 3);
  EXPECT_EQ(found->Text(0, 0),
            R"({"id":"0190b2c3-0000-7000-8000-0000000000b1","words":"grüße\n'x'","list":["a,b","\"c\\",""],)"
            R"("json":{"k": ["v", null]},"small":-2000000000,"large":-9000000000000000000,"real":-1.5e-07,)"
            R"("at":"2026-03-03T09:00:00.123456+00:00","bytes":"\\x00ff5c","version":"4000000000"})");
  EXPECT_EQ(found->Text(1, 0),
            R"({"id":null,"words":null,"list":null,"json":null,"small":null,"large":null,"real":null,"at":null,)"
            R"("bytes":null,"version":null})");
  EXPECT_EQ(found->Text(2, 0), R"({"id":null,"words":"","list":[],"json":{},"small":0,"large":0,"real":0,)"
                               R"("at":"1969-12-31T23:59:59.999999+00:00","bytes":"\\x","version":"0"})");
}

TEST_F(ConnectionTest, BinaryArraysAndAnswersAreTheSameAsText) {
  const UuidNumber id = NumberOfUuid("0190b2c3-0000-7000-8000-0000000000b1");
  const auto rows = tx_.ExecuteBinary(
      "SELECT $1::uuid[]::text, $2::integer[]::text, $3::bigint[]::text, ($1::uuid[])[1], ($2::integer[])[2], "
      "($3::bigint[])[1], '\\x00ff'::bytea, true, false, NULL::uuid, cardinality($4::uuid[]), "
      "$5::xid[]::text, $6::text[]::text, $7::timestamptz[]::text, ($7::timestamptz[])[2] IS NULL",
      {Parameter::Uuids({id, {}}), Parameter::Integers({1, -2}), Parameter::Bigints({-9'000'000'000}),
       Parameter::Uuids({}), Parameter::TransactionIds({4'000'000'000, 3}), Parameter::Texts({"a\"{", ""}),
       Parameter::Times({absl::FromUnixMicros(1'800'000'000'000'001), std::nullopt, absl::FromUnixMicros(-1)})});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Text(0, 0), "{0190b2c3-0000-7000-8000-0000000000b1,00000000-0000-0000-0000-000000000000}");
  EXPECT_EQ(rows->Text(0, 1), "{1,-2}");
  EXPECT_EQ(rows->Text(0, 2), "{-9000000000}");
  EXPECT_EQ(rows->Uuid(0, 3), id);
  EXPECT_EQ(rows->Integer(0, 4), -2);
  EXPECT_EQ(rows->Integer(0, 5), -9'000'000'000);
  EXPECT_EQ(rows->Bytes(0, 6), std::string("\0\xFF", 2));
  EXPECT_TRUE(rows->Boolean(0, 7));
  EXPECT_FALSE(rows->Boolean(0, 8));
  EXPECT_EQ(rows->Uuid(0, 9), UuidNumber());
  EXPECT_EQ(rows->Integer(0, 10), 0);
  EXPECT_EQ(rows->Text(0, 11), "{4000000000,3}");
  EXPECT_EQ(rows->Text(0, 12), R"({"a\"{",""})");
  EXPECT_THAT(rows->Text(0, 13), testing::HasSubstr("2027-01-15 08:00:00.000001"));
  EXPECT_THAT(rows->Text(0, 13), testing::HasSubstr("1969-12-31 23:59:59.999999"));
  EXPECT_TRUE(rows->Boolean(0, 14));
  EXPECT_EQ(tx_.Execute("SELECT $1::text[]", {Parameter::Texts({std::string_view("a\0b", 3)})}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tx_.Execute("SELECT $1::uuid[]", {Parameter::Uuids({id})})->Text(0, 0),
            "{0190b2c3-0000-7000-8000-0000000000b1}");
  EXPECT_EQ(tx_.Execute("SELECT ($1::uuid[])[1]", {Parameter::Uuids({id})})->Uuid(0, 0), id);
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
