// Every row of the tables, and what decides between rows.
#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/plivo/hangup_codes.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/rest_answer.h"
#include "libs/providers/plivo/status_mapping.h"
#include "libs/providers/plivo/webhook_time.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers::plivo {
namespace {

using telephony::NameOf;

struct Row {
  int code;
  const char* unanswered;
  const char* cause;
};

// Of the table of Plivo's causes, as the facts about Plivo have it.
constexpr Row kRows[] = {
    {0, "failed", "provider_error"},    {1000, "canceled", "system_hangup"},
    {1010, "failed", "provider_error"}, {1020, "failed", "provider_error"},
    {2000, "failed", "invalid_number"}, {2010, "failed", "unreachable"},
    {2020, "failed", "unreachable"},    {2030, "failed", "rejected"},
    {2040, "failed", "rejected"},       {2050, "failed", "rejected"},
    {2060, "failed", "provider_error"}, {2070, "failed", "rejected"},
    {3000, "no_answer", "timeout"},     {3010, "busy", "busy"},
    {3020, "failed", "rejected"},       {3030, "failed", "rejected"},
    {3040, "failed", "rejected"},       {3050, "failed", "invalid_number"},
    {3070, "failed", "timeout"},        {3080, "failed", "provider_error"},
    {3090, "failed", "provider_error"}, {3100, "busy", "busy"},
    {3110, "failed", "rejected"},       {3120, "failed", "invalid_number"},
    {3130, "failed", "rejected"},       {3140, "failed", "rejected"},
    {4240, "failed", "rejected"},       {4250, "failed", "timeout"},
    {5000, "failed", "provider_error"}, {5010, "failed", "provider_error"},
    {5020, "failed", "provider_error"}, {5030, "failed", "provider_error"},
    {6010, "no_answer", "timeout"},     {7011, "failed", "system_hangup"},
    {7012, "failed", "system_hangup"},  {7013, "failed", "system_hangup"},
    {7014, "failed", "system_hangup"},  {7022, "failed", "system_hangup"},
    {7023, "failed", "system_hangup"},  {7024, "failed", "system_hangup"},
    {7032, "failed", "system_hangup"},  {7033, "failed", "system_hangup"},
    {7034, "failed", "system_hangup"},  {8011, "failed", "system_hangup"},
    {8012, "failed", "system_hangup"},  {8013, "failed", "system_hangup"},
    {8014, "failed", "system_hangup"},  {9000, "canceled", "system_hangup"},
    {9110, "failed", "rejected"},       {12345, "failed", "provider_error"},
};

MappedStatus End(std::string_view status, int code, std::string_view source, bool answered = false,
                 bool inbound = false) {
  const std::string text = Concat(code);
  return MapCallEnd({.status = status,
                     .inbound = inbound,
                     .dialed_leg = false,
                     .answered = answered,
                     .code = text,
                     .name = "Name",
                     .word = {},
                     .source = source});
}

TEST(HangupTableTest, EveryCodeOfAnUnansweredCall) {
  for (const Row& row : kRows) {
    const MappedStatus mapped = End("", row.code, "Plivo");
    EXPECT_EQ(NameOf(mapped.status), row.unanswered) << row.code;
    EXPECT_EQ(NameOf(mapped.hangup.cause()), row.cause) << row.code;
    const bool failed = mapped.status == calls::v1::CALL_STATUS_FAILED;
    EXPECT_EQ(failed, mapped.error.code() != calls::v1::CALL_ERROR_CODE_UNSPECIFIED) << row.code;
    if (failed) {
      EXPECT_EQ(mapped.error.provider_code(), Concat(row.code));
      EXPECT_FALSE(mapped.error.message().empty());
    }
  }
}

TEST(HangupTableTest, AnAnsweredCallIsCompletedWhateverTheCode) {
  for (const Row& row : kRows) {
    const MappedStatus mapped = End("completed", row.code, "Plivo", true);
    EXPECT_EQ(NameOf(mapped.status), "completed") << row.code;
    EXPECT_EQ(NameOf(mapped.hangup.cause()), row.cause) << row.code;
  }
  EXPECT_EQ(NameOf(End("completed", 4000, "Callee", true).hangup.cause()), "user_hangup");
  EXPECT_EQ(NameOf(End("completed", 4000, "API Request", true).hangup.cause()), "system_hangup");
  EXPECT_EQ(NameOf(End("completed", 4010, "Plivo", true).hangup.cause()), "system_hangup");
  EXPECT_EQ(NameOf(End("completed", 4020, "Plivo", true).hangup.cause()), "system_hangup");
  EXPECT_EQ(NameOf(End("completed", 4030, "Plivo", true).hangup.cause()), "system_hangup");
  EXPECT_EQ(NameOf(End("completed", 6000, "Plivo", true).hangup.cause()), "timeout");
  EXPECT_EQ(NameOf(End("completed", 6020, "Plivo", true).hangup.cause()), "timeout");
  EXPECT_EQ(NameOf(End("completed", 9100, "Plivo").status), "completed");
  EXPECT_EQ(NameOf(End("completed", 9100, "Plivo").hangup.cause()), "machine_detected");
}

TEST(HangupTableTest, CompletedIsNotBelievedOfACallThatNobodyAnswered) {
  EXPECT_EQ(NameOf(End("completed", 3010, "Carrier").status), "busy");
  EXPECT_EQ(NameOf(End("completed", 3000, "Carrier").status), "no_answer");
  EXPECT_EQ(NameOf(End("completed", 4000, "Caller", false, true).status), "abandoned");
  EXPECT_EQ(NameOf(End("completed", 4000, "Plivo", false, true).status), "missed");
}

TEST(HangupTableTest, InboundCallsAreMissedOrAbandoned) {
  EXPECT_EQ(NameOf(End("no-answer", 3000, "Plivo", false, true).status), "missed");
  const MappedStatus left = End("cancel", 1000, "Caller", false, true);
  EXPECT_EQ(NameOf(left.status), "abandoned");
  EXPECT_EQ(NameOf(left.hangup.cause()), "user_hangup");
  EXPECT_EQ(NameOf(left.hangup.source()), "caller");
}

TEST(HangupTableTest, ARefusalByTheCalleeIsBusy) {
  EXPECT_EQ(NameOf(End("failed", 3020, "Callee").status), "busy");
  EXPECT_EQ(NameOf(End("failed", 3020, "Callee").hangup.cause()), "rejected");
  EXPECT_EQ(NameOf(End("failed", 3020, "Carrier").status), "failed");
}

TEST(HangupTableTest, WordsCountWhereThereIsNoCode) {
  const auto by_word = [](std::string_view status, std::string_view word, bool answered = false) {
    return MapCallEnd({.status = status,
                       .inbound = false,
                       .dialed_leg = false,
                       .answered = answered,
                       .code = {},
                       .name = {},
                       .word = word,
                       .source = "Callee"});
  };
  const std::pair<const char*, const char*> words[] = {{"USER_BUSY", "busy"},
                                                       {"NO_ANSWER", "timeout"},
                                                       {"NO_USER_RESPONSE", "timeout"},
                                                       {"RECOVERY_ON_TIMER_EXPIRE", "timeout"},
                                                       {"ALLOTTED_TIMEOUT", "timeout"},
                                                       {"CALL_REJECTED", "rejected"},
                                                       {"ORIGINATOR_CANCEL", "provider_error"},
                                                       {"UNALLOCATED_NUMBER", "invalid_number"},
                                                       {"INVALID_NUMBER_FORMAT", "invalid_number"},
                                                       {"SUBSCRIBER_ABSENT", "unreachable"},
                                                       {"USER_NOT_REGISTERED", "unreachable"},
                                                       {"DESTINATION_OUT_OF_ORDER", "unreachable"},
                                                       {"NO_ROUTE_DESTINATION", "unreachable"},
                                                       {"NETWORK_OUT_OF_ORDER", "provider_error"},
                                                       {"NORMAL_TEMPORARY_FAILURE", "provider_error"},
                                                       {"SWITCH_CONGESTION", "provider_error"},
                                                       {"INTERWORKING", "provider_error"},
                                                       {"LOSE_RACE", "system_hangup"},
                                                       {"SOMETHING_ELSE", "provider_error"}};
  for (const auto& [word, cause] : words) EXPECT_EQ(NameOf(by_word("failed", word).hangup.cause()), cause) << word;
  EXPECT_EQ(NameOf(by_word("completed", "NORMAL_CLEARING", true).hangup.cause()), "user_hangup");
  // The same word for a ring time-out and for a cancel.
  EXPECT_EQ(NameOf(by_word("timeout", "ORIGINATOR_CANCEL").status), "no_answer");
  EXPECT_EQ(NameOf(by_word("cancel", "ORIGINATOR_CANCEL").status), "canceled");
  for (const auto& [status, name] : {std::pair("busy", "busy"),
                                     {"no-answer", "no_answer"},
                                     {"timeout", "no_answer"},
                                     {"cancel", "canceled"},
                                     {"failed", "failed"}}) {
    EXPECT_EQ(NameOf(by_word(status, "").status), name);
  }
}

TEST(HangupTableTest, Sources) {
  for (const char* text : {"Caller", "customer"}) EXPECT_EQ(NameOf(MapHangupSource(text)), "caller") << text;
  for (const char* text : {"Callee", "Call recipient"}) EXPECT_EQ(NameOf(MapHangupSource(text)), "callee") << text;
  for (const char* text :
       {"Plivo", "Carrier", "carrier", "zentrunk", "API Request", "Answer XML", "Error", "Unknown", "", "new"}) {
    EXPECT_EQ(NameOf(MapHangupSource(text)), "system") << text;
  }
}

TEST(StatusTableTest, LiveAndDialed) {
  for (const auto& [word, name] : {std::pair("queued", "queued"),
                                   {"initiated", "initiated"},
                                   {"ringing", "ringing"},
                                   {"in-progress", "answered"}}) {
    EXPECT_EQ(NameOf(MapLiveStatus(word)->status), name);
  }
  EXPECT_FALSE(MapLiveStatus("completed").has_value());
  for (const auto& [word, name] : {std::pair("completed", "completed"),
                                   {"busy", "busy"},
                                   {"failed", "failed"},
                                   {"cancel", "canceled"},
                                   {"timeout", "no_answer"},
                                   {"no-answer", "no_answer"},
                                   {"new", "unknown"}}) {
    EXPECT_EQ(NameOf(MapDialStatus(word)), name);
  }
}

TEST(RestErrorTableTest, EveryRow) {
  const auto error_of = [](int status, std::string_view text) {
    return ErrorOf(ReadAnswer({.status = status, .headers = {}, .body = Concat(R"({"error":")", text, "\"}")}));
  };
  struct Case {
    int status;
    const char* text;
    const char* name;
    bool retryable;
  };
  for (const Case& one : {Case{400, "from is not valid", "invalid_config", false},
                          {400, "caller id", "invalid_config", false},
                          {400, "answer_url is bad", "invalid_config", false},
                          {400, "to is not valid", "invalid_number", false},
                          {400, "'to' is bad", "invalid_number", false},
                          {400, "invalid destination", "invalid_number", false},
                          {400, "bad number", "invalid_number", false},
                          {400, "what", "invalid_config", false},
                          {401, "no", "unauthorized", false},
                          {403, "Concurrency limit", "rate_limited", true},
                          {403, "no credits", "invalid_config", false},
                          {403, "Calls to this destination region are barred", "rejected", false},
                          {404, "not found", "not_found", false},
                          {405, "", "unsupported", false},
                          {408, "", "timeout", true},
                          {409, "", "wrong_state", false},
                          {422, "", "rejected", false},
                          {429, "", "rate_limited", true},
                          {500, "", "unavailable", true},
                          {503, "", "unavailable", true},
                          {418, "", "rejected", false},
                          {302, "", "bad_response", false}}) {
    const calls::v1::CallError error = error_of(one.status, one.text);
    EXPECT_EQ(NameOf(error.code()), one.name) << one.status << one.text;
    EXPECT_EQ(error.retryable(), one.retryable) << one.status << one.text;
    EXPECT_EQ(error.provider_code(), Concat(one.status));
  }
  EXPECT_EQ(NameOf(ErrorOf(ReadAnswer({.status = 400, .headers = {}, .body = R"({"error":{"to":["bad"]}})"})).code()),
            "invalid_config");
  EXPECT_EQ(NameOf(ErrorOf(ReadAnswer({.status = 502, .headers = {}, .body = "<html>"})).code()), "unavailable");
}

TEST(PartyTest, NumbersHaveNoPlus) {
  EXPECT_EQ(PartyOf("15550100002"), "+15550100002");
  EXPECT_EQ(PartyOf("+15550100002"), "+15550100002");
  EXPECT_EQ(PartyOf("sip:jo@phone.plivo.com"), "sip:jo@phone.plivo.com");
  EXPECT_EQ(PartyOf("12345"), "12345");
  EXPECT_EQ(PartyOf("anonymous"), std::nullopt);
  EXPECT_EQ(PartyOf(""), std::nullopt);
  EXPECT_EQ(ToPlivoNumber("+15550100002"), "15550100002");
  EXPECT_EQ(ToPlivoNumber("sip:a@b"), "sip:a@b");
}

TEST(WebhookTimeTest, TheAccountsZoneIsFound) {
  EXPECT_EQ(ZoneOf("2026-03-03 14:45:00", "2026-03-03 09:15:00.128743"), absl::Minutes(330));
  EXPECT_EQ(ZoneOf("2026-03-03 09:15:01", "2026-03-03 09:14:59.9"), absl::ZeroDuration());
  EXPECT_EQ(ZoneOf("2026-03-03 01:15:00", "2026-03-03 09:15:00"), -absl::Hours(8));
  EXPECT_EQ(ZoneOf("2026-03-03 15:00:30", "2026-03-03 09:15:00"), absl::Minutes(345));
  EXPECT_EQ(ZoneOf("2026-03-03 09:21:00", "2026-03-03 09:15:00"), std::nullopt);
  EXPECT_EQ(ZoneOf("2026-03-05 09:15:00", "2026-03-03 09:15:00"), std::nullopt);
  EXPECT_EQ(ZoneOf("", "2026-03-03 09:15:00"), std::nullopt);
}

TEST(WebhookTimeTest, AWholeSecondIsTakenForItsEnd) {
  const absl::Time second = absl::FromUnixSeconds(1'772'528'400);
  EXPECT_EQ(EndOfSecond(second, second + absl::Minutes(5)), second + absl::Microseconds(999'999));
  EXPECT_EQ(EndOfSecond(second, second + absl::Milliseconds(466)), second + absl::Milliseconds(466));
  EXPECT_EQ(EndOfSecond(second, second - absl::Seconds(3)), second);
}

TEST(WebhookTimeTest, OtherTextIsNoTime) {
  EXPECT_EQ(ParseWithOffset("2022-10-12 21:57:47+05:30"), absl::FromUnixSeconds(1'665'592'067));
  for (const char* text : {"", "infinite-future", "2026-03-03", "2026-13-03 09:15:00", "9999-01-01 00:00:00"}) {
    EXPECT_EQ(ParseUtc(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseEpochMilliseconds("1772528401020.00000"), absl::FromUnixMillis(1'772'528'401'020));
  for (const char* text : {"", "-1", "x", "1e300"}) EXPECT_EQ(ParseEpochMilliseconds(text), std::nullopt) << text;
}

}  // namespace
}  // namespace trunkline::providers::plivo
