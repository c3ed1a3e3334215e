// Twilio's words and codes, each with what it means to Trunkline.
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/status_mapping.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers::twilio {
namespace {

using telephony::NameOf;

struct StatusCase {
  std::string_view word;
  StatusContext context;
  std::string_view type;
  std::string_view status;
  std::string_view cause;
  std::string_view source;
};

TEST(TablesTest, CallStatus) {
  const StatusContext out;
  const StatusContext in = {.inbound = true};
  const StatusContext child = {.child_leg = true};
  const auto sip = [](int code) { return StatusContext{.sip_response_code = code}; };
  const auto error = [](int code) { return StatusContext{.error_code = code}; };
  const std::vector<StatusCase> cases = {
      {"queued", out, "queued", "queued", "unknown", "unknown"},
      {"initiated", out, "initiated", "initiated", "unknown", "unknown"},
      {"ringing", in, "ringing", "ringing", "unknown", "unknown"},
      {"in-progress", out, "answered", "answered", "unknown", "unknown"},
      {"completed", out, "ended", "completed", "user_hangup", "unknown"},
      {"completed", in, "ended", "completed", "user_hangup", "unknown"},
      {"busy", out, "ended", "busy", "busy", "callee"},
      {"busy", sip(486), "ended", "busy", "busy", "callee"},
      {"busy", sip(603), "ended", "busy", "rejected", "callee"},
      {"busy", sip(503), "ended", "busy", "busy", "callee"},
      {"no-answer", out, "ended", "no_answer", "timeout", "system"},
      {"no-answer", sip(487), "ended", "no_answer", "timeout", "system"},
      {"no-answer", sip(408), "ended", "no_answer", "timeout", "system"},
      {"no-answer", sip(480), "ended", "no_answer", "unreachable", "callee"},
      {"no-answer", in, "ended", "missed", "timeout", "system"},
      {"failed", out, "ended", "failed", "provider_error", "system"},
      {"failed", sip(401), "ended", "failed", "provider_error", "system"},
      {"failed", sip(403), "ended", "failed", "rejected", "system"},
      {"failed", sip(404), "ended", "failed", "invalid_number", "system"},
      {"failed", sip(408), "ended", "failed", "timeout", "system"},
      {"failed", sip(410), "ended", "failed", "invalid_number", "system"},
      {"failed", sip(480), "ended", "failed", "unreachable", "callee"},
      {"failed", sip(484), "ended", "failed", "invalid_number", "system"},
      {"failed", sip(488), "ended", "failed", "provider_error", "system"},
      {"failed", sip(503), "ended", "failed", "provider_error", "system"},
      {"failed", sip(603), "ended", "failed", "rejected", "callee"},
      {"failed", sip(604), "ended", "failed", "invalid_number", "system"},
      {"failed", sip(607), "ended", "failed", "rejected", "callee"},
      {"failed", sip(608), "ended", "failed", "rejected", "system"},
      {"failed", error(11200), "ended", "failed", "system_hangup", "system"},
      {"failed", error(12100), "ended", "failed", "system_hangup", "system"},
      {"failed", error(21214), "ended", "failed", "unreachable", "system"},
      {"canceled", out, "ended", "canceled", "system_hangup", "system"},
      {"canceled", sip(487), "ended", "canceled", "system_hangup", "system"},
      {"canceled", in, "ended", "abandoned", "user_hangup", "caller"},
      {"canceled", child, "ended", "canceled", "user_hangup", "caller"},
  };
  for (const StatusCase& c : cases) {
    const auto mapped = MapCallStatus(c.word, c.context);
    ASSERT_TRUE(mapped.has_value()) << c.word;
    const auto told = testing::Message() << c.word << " " << c.context.sip_response_code << " " << c.context.error_code;
    EXPECT_EQ(NameOf(mapped->type), c.type) << told;
    EXPECT_EQ(NameOf(mapped->status), c.status) << told;
    EXPECT_EQ(NameOf(mapped->hangup.cause()), c.cause) << told;
    EXPECT_EQ(NameOf(mapped->hangup.source()), c.source) << told;
  }
  for (const char* unknown : {"", "answered", "COMPLETED", "in-progress "}) {
    EXPECT_FALSE(MapCallStatus(unknown, out).has_value()) << unknown;
  }
}

TEST(TablesTest, DialedLegsMachinesRecordingsDirections) {
  EXPECT_EQ(MapDialedLegStatus("completed"), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(MapDialedLegStatus("answered"), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(MapDialedLegStatus("busy"), calls::v1::CALL_STATUS_BUSY);
  EXPECT_EQ(MapDialedLegStatus("no-answer"), calls::v1::CALL_STATUS_NO_ANSWER);
  EXPECT_EQ(MapDialedLegStatus("failed"), calls::v1::CALL_STATUS_FAILED);
  EXPECT_EQ(MapDialedLegStatus("canceled"), calls::v1::CALL_STATUS_CANCELED);
  EXPECT_EQ(MapDialedLegStatus("else"), calls::v1::CALL_STATUS_UNSPECIFIED);

  EXPECT_EQ(MapAnsweredBy("human"), calls::v1::ANSWERED_BY_HUMAN);
  for (const char* word : {"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"}) {
    EXPECT_EQ(MapAnsweredBy(word), calls::v1::ANSWERED_BY_MACHINE) << word;
  }
  EXPECT_EQ(MapAnsweredBy("fax"), calls::v1::ANSWERED_BY_FAX);
  EXPECT_EQ(MapAnsweredBy("unknown"), calls::v1::ANSWERED_BY_UNKNOWN);
  EXPECT_EQ(MapAnsweredBy("robot"), calls::v1::ANSWERED_BY_UNKNOWN);
  EXPECT_EQ(MapAnsweredBy(""), calls::v1::ANSWERED_BY_UNSPECIFIED);

  EXPECT_EQ(MapRecordingStatus("in-progress"), calls::v1::RECORDING_STATUS_IN_PROGRESS);
  EXPECT_EQ(MapRecordingStatus("completed"), calls::v1::RECORDING_STATUS_READY);
  EXPECT_EQ(MapRecordingStatus("absent"), calls::v1::RECORDING_STATUS_ABSENT);
  EXPECT_EQ(MapRecordingStatus("failed"), calls::v1::RECORDING_STATUS_ABSENT);
  EXPECT_EQ(MapRecordingStatus("else"), calls::v1::RECORDING_STATUS_UNSPECIFIED);

  EXPECT_EQ(MapDirection("inbound"), calls::v1::CALL_DIRECTION_INBOUND);
  EXPECT_EQ(MapDirection("outbound-api"), calls::v1::CALL_DIRECTION_OUTBOUND);
  EXPECT_EQ(MapDirection("outbound-dial"), calls::v1::CALL_DIRECTION_OUTBOUND);
  EXPECT_EQ(MapDirection("trunking-originating"), calls::v1::CALL_DIRECTION_INBOUND);
  EXPECT_EQ(MapDirection("trunking-terminating"), calls::v1::CALL_DIRECTION_OUTBOUND);
  EXPECT_EQ(MapDirection(""), calls::v1::CALL_DIRECTION_UNSPECIFIED);
}

struct ErrorCase {
  int http_status;
  int code;
  std::string_view error;
  bool retryable;
  std::string_view cause;
};

TEST(TablesTest, ErrorCodes) {
  const std::vector<ErrorCase> cases = {
      {401, 20003, "unauthorized", false, "provider_error"},
      {405, 20004, "unsupported", false, "provider_error"},
      {403, 20005, "unauthorized", false, "provider_error"},
      {403, 20006, "unauthorized", false, "provider_error"},
      {403, 20008, "unauthorized", false, "provider_error"},
      {409, 20009, "wrong_state", true, "unknown"},
      {404, 20404, "not_found", false, "unknown"},
      {429, 20429, "rate_limited", true, "provider_error"},
      {500, 20500, "unavailable", true, "provider_error"},
      {503, 20503, "unavailable", true, "provider_error"},
      {400, 10004, "rate_limited", true, "provider_error"},
      {400, 21201, "invalid_number", false, "invalid_number"},
      {400, 21203, "invalid_config", false, "rejected"},
      {400, 21205, "invalid_config", false, "unknown"},
      {400, 21210, "invalid_config", false, "rejected"},
      {400, 21211, "invalid_number", false, "invalid_number"},
      {400, 21212, "invalid_config", false, "invalid_number"},
      {400, 21213, "invalid_config", false, "invalid_number"},
      {400, 21214, "rejected", false, "unreachable"},
      {400, 21215, "invalid_config", false, "rejected"},
      {400, 21216, "rejected", false, "rejected"},
      {400, 21217, "invalid_number", false, "invalid_number"},
      {400, 21218, "invalid_config", false, "unknown"},
      {400, 21219, "invalid_config", false, "rejected"},
      {400, 21220, "wrong_state", false, "unknown"},
      {400, 573005, "invalid_config", false, "rejected"},
      {400, 21999, "rejected", false, "unknown"},
      {400, 99, "rejected", false, "unknown"},
      {401, 0, "unauthorized", false, "unknown"},
      {404, 0, "not_found", false, "unknown"},
      {408, 0, "timeout", true, "unknown"},
      {429, 0, "rate_limited", true, "unknown"},
      {502, 0, "unavailable", true, "unknown"},
      {302, 0, "bad_response", false, "unknown"},
  };
  for (const ErrorCase& c : cases) {
    const calls::v1::CallError error = ErrorOfAnswer(c.http_status, c.code, "text");
    const auto told = testing::Message() << c.http_status << " " << c.code;
    EXPECT_EQ(NameOf(error.code()), c.error) << told;
    EXPECT_EQ(error.retryable(), c.retryable) << told;
    EXPECT_FALSE(error.message().empty()) << told;
    EXPECT_EQ(error.provider_code(), std::to_string(c.code != 0 ? c.code : c.http_status)) << told;
    EXPECT_EQ(error.provider_message(), "text") << told;
    EXPECT_EQ(NameOf(HangupOfErrorCode(c.code).cause()), c.cause) << told;
  }
}

TEST(TablesTest, ErrorsOfFailedCalls) {
  EXPECT_EQ(ErrorOfFailedCall(0, 404, "").code(), calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
  EXPECT_EQ(ErrorOfFailedCall(0, 404, "").provider_code(), "404");
  EXPECT_EQ(ErrorOfFailedCall(0, 503, "").code(), calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
  EXPECT_TRUE(ErrorOfFailedCall(0, 503, "").retryable());
  EXPECT_EQ(ErrorOfFailedCall(21215, 403, "x").code(), calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  EXPECT_EQ(ErrorOfFailedCall(21215, 403, "x").provider_code(), "21215");
  EXPECT_EQ(ErrorOfFailedCall(0, 0, "").provider_code(), "");
}

}  // namespace
}  // namespace trunkline::providers::twilio
