// The whole tables of causes and SIP responses (testdata), and the rules that go before them.
#include "libs/providers/sip/hangup_causes.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "tests/support/source_path.h"

namespace trunkline::providers::sip {
namespace {

using telephony::NameOf;

struct Row {
  int code = 0;
  std::string status;
  std::string cause;
};

std::vector<Row> ReadTable(std::string_view name) {
  std::ifstream file(SourcePath(Concat("libs/providers/sip/testdata/", name)));
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const auto fields = Split(line, ',');
    rows.push_back(
        {static_cast<int>(ParseInt(fields.at(0)).value()), std::string(fields.at(1)), std::string(fields.at(2))});
  }
  return rows;
}

TEST(HangupCausesTest, EveryCause) {
  const std::vector<Row> rows = ReadTable("q850_causes.csv");
  ASSERT_EQ(rows.size(), 128U);
  for (const Row& row : rows) {
    const CauseMeaning meaning = MeaningOfCause(row.code);
    EXPECT_EQ(NameOf(meaning.status), row.status) << row.code;
    EXPECT_EQ(NameOf(meaning.cause), row.cause) << row.code;
    const CallEnd end = EndOf({.cause = row.code});
    const calls::v1::CallError error = ErrorOfEnd(end, row.code, 0);
    EXPECT_EQ(error.code() != calls::v1::CALL_ERROR_CODE_UNSPECIFIED, end.status == calls::v1::CALL_STATUS_FAILED);
    if (row.code != 0 && row.status == "failed") {
      EXPECT_EQ(NameOf(end.status), row.status) << row.code;
      EXPECT_EQ(error.provider_code(), std::to_string(row.code));
      EXPECT_FALSE(error.message().empty());
    }
  }
  EXPECT_EQ(NameOf(MeaningOfCause(128).cause), "provider_error");
  EXPECT_EQ(NameOf(MeaningOfCause(-1).cause), "provider_error");
}

TEST(HangupCausesTest, EverySipResponse) {
  const std::vector<Row> rows = ReadTable("sip_responses.csv");
  ASSERT_EQ(rows.size(), 42U);
  for (const Row& row : rows) {
    const CauseMeaning meaning = MeaningOfSipResponse(row.code);
    EXPECT_EQ(NameOf(meaning.status), row.status) << row.code;
    EXPECT_EQ(NameOf(meaning.cause), row.cause) << row.code;
  }
  EXPECT_EQ(NameOf(MeaningOfSipResponse(499).cause), "provider_error");
}

struct Case {
  std::string_view what;
  EndFacts facts;
  std::string_view status;
  std::string_view cause;
  std::string_view source;
};

TEST(HangupCausesTest, WhatHappenedGoesBeforeTheCause) {
  const auto caller = calls::v1::HANGUP_SOURCE_CALLER;
  const auto callee = calls::v1::HANGUP_SOURCE_CALLEE;
  const Case cases[] = {
      {"caller left", {.answered = true, .asked_by = caller, .cause = 16}, "completed", "user_hangup", "caller"},
      {"callee left",
       {.inbound = true, .answered = true, .asked_by = callee, .cause = 16},
       "completed",
       "user_hangup",
       "callee"},
      {"ended by the exchange", {.answered = true, .cause = 16}, "completed", "system_hangup", "system"},
      {"answered, then the network failed", {.answered = true, .cause = 38}, "completed", "provider_error", "system"},
      {"left the queue",
       {.inbound = true, .abandoned = true, .asked_by = caller, .cause = 16},
       "abandoned",
       "user_hangup",
       "caller"},
      {"left while it rang",
       {.inbound = true, .canceled = true, .asked_by = caller, .cause = 127},
       "abandoned",
       "user_hangup",
       "caller"},
      {"outbound canceled", {.canceled = true, .asked_by = caller, .cause = 127}, "canceled", "user_hangup", "caller"},
      {"ended by us before the answer", {.cause = 16}, "canceled", "system_hangup", "system"},
      {"busy", {.busy = true, .cause = 17, .sip_response = 486}, "busy", "busy", "callee"},
      {"inbound busy", {.inbound = true, .dialed = true, .busy = true, .cause = 17}, "missed", "busy", "callee"},
      {"rang out", {.cause = 19}, "no_answer", "timeout", "callee"},
      {"inbound rang out",
       {.inbound = true, .dialed = true, .no_answer = true, .cause = 19},
       "missed",
       "timeout",
       "callee"},
      {"not answered, for it does not exist", {.no_answer = true, .cause = 1}, "failed", "invalid_number", "system"},
      {"480 without ringing", {.cause = 19, .sip_response = 480}, "no_answer", "unreachable", "callee"},
      {"480 after ringing", {.rang = true, .cause = 19, .sip_response = 480}, "no_answer", "timeout", "callee"},
      {"declined", {.no_answer = true, .cause = 21, .sip_response = 603}, "failed", "rejected", "system"},
      {"inbound to a phone that is away", {.inbound = true, .cause = 20}, "failed", "unreachable", "system"},
      {"inbound, the agent's phone failed",
       {.inbound = true, .dialed = true, .cause = 27},
       "missed",
       "unreachable",
       "system"},
      {"taken elsewhere", {.cause = 26}, "canceled", "system_hangup", "system"},
  };
  for (const Case& c : cases) {
    const CallEnd end = EndOf(c.facts);
    EXPECT_EQ(NameOf(end.status), c.status) << c.what;
    EXPECT_EQ(NameOf(end.hangup.cause()), c.cause) << c.what;
    EXPECT_EQ(NameOf(end.hangup.source()), c.source) << c.what;
  }
}

}  // namespace
}  // namespace trunkline::providers::sip
