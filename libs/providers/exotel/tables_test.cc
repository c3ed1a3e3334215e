// Every row of the tables: status and legs, flows, causes, errors.
#include <gtest/gtest.h>

#include "libs/providers/exotel/errors.h"
#include "libs/providers/exotel/status_mapping.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers::exotel {
namespace {

using telephony::NameOf;

std::string Words(const MappedEnd& end) {
  return NameOf(end.status) + " " + NameOf(end.hangup.cause()) + " " + NameOf(end.hangup.source());
}

TEST(TablesTest, StatusAndLegs) {
  struct Row {
    const char *status, *first, *second;
    calls::v1::AnsweredBy answered_by;
    const char* told;
  };
  constexpr auto kNone = calls::v1::ANSWERED_BY_UNSPECIFIED;
  for (const Row& row :
       {Row{"completed", "completed", "completed", kNone, "completed user_hangup system"},
        Row{"completed", "completed", "completed", calls::v1::ANSWERED_BY_MACHINE, "completed machine_detected system"},
        Row{"completed", "", "", kNone, "completed user_hangup system"},
        Row{"no-answer", "no-answer", "", kNone, "no_answer timeout callee"},
        Row{"no-answer", "completed", "no-answer", kNone, "no_answer timeout callee"},
        Row{"no-answer", "completed", "canceled", kNone, "canceled user_hangup caller"},
        Row{"busy", "completed", "busy", kNone, "busy busy callee"}, Row{"busy", "busy", "", kNone, "busy busy callee"},
        Row{"failed", "failed", "", kNone, "failed unreachable system"},
        Row{"failed", "completed", "failed", kNone, "failed unreachable system"},
        Row{"canceled", "", "", kNone, "canceled user_hangup caller"},
        Row{"levitating", "", "", kNone, "failed provider_error system"},
        Row{"", "", "", kNone, "failed provider_error system"}}) {
    EXPECT_EQ(Words(MapEnd(row.status, {row.first, row.second, row.answered_by})), row.told)
        << row.status << " " << row.first << " " << row.second;
  }
}

TEST(TablesTest, Flows) {
  struct Row {
    const char *type, *dial, *inbound, *outbound;
  };
  for (const Row& row :
       {Row{"completed", "completed", "completed user_hangup system", "completed user_hangup system"},
        Row{"client-hangup", "canceled", "abandoned user_hangup caller", "canceled user_hangup caller"},
        Row{"incomplete", "no-answer", "missed timeout callee", "no_answer timeout callee"},
        Row{"incomplete", "", "missed timeout callee", "no_answer timeout callee"},
        Row{"incomplete", "busy", "missed busy callee", "busy busy callee"},
        Row{"incomplete", "failed", "missed unreachable system", "failed unreachable system"},
        Row{"incomplete", "canceled", "missed user_hangup caller", "canceled user_hangup caller"},
        Row{"voicemail", "", "missed timeout callee", "no_answer timeout callee"}}) {
    EXPECT_EQ(Words(*MapFlowEnd(row.type, row.dial, true, false)), row.inbound) << row.type << row.dial;
    EXPECT_EQ(Words(*MapFlowEnd(row.type, row.dial, false, false)), row.outbound) << row.type << row.dial;
  }
  EXPECT_FALSE(MapFlowEnd("call-attempt", "", true, false).has_value());
  EXPECT_EQ(Words(*MapFlowEnd("call-attempt", "", true, true)), "abandoned user_hangup caller");
  EXPECT_FALSE(MapFlowEnd("levitating", "", true, true).has_value());
}

TEST(TablesTest, Causes) {
  EXPECT_EQ(MapLegCause(16), calls::v1::HANGUP_CAUSE_USER_HANGUP);
  EXPECT_EQ(MapLegCause(17), calls::v1::HANGUP_CAUSE_BUSY);
  EXPECT_EQ(MapLegCause(1003), calls::v1::HANGUP_CAUSE_TIMEOUT);
  EXPECT_EQ(MapLegCause(4711), calls::v1::HANGUP_CAUSE_PROVIDER_ERROR);
}

TEST(TablesTest, Errors) {
  struct Row {
    int status;
    const char* code;
    calls::v1::CallErrorCode error;
    bool retryable;
  };
  for (const Row& row : {Row{400, "34001", calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false},
                         Row{429, "RATE_LIMIT_EXCEEDED", calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true},
                         Row{401, "1010", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false},
                         Row{404, "1017", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false},
                         Row{404, "10731", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false},
                         Row{404, "10716", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false},
                         Row{404, "10744", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false},
                         Row{409, "1012", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false},
                         Row{409, "10705", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false},
                         Row{409, "10706", calls::v1::CALL_ERROR_CODE_WRONG_STATE, true},
                         Row{429, "10724", calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true},
                         Row{500, "10715", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true},
                         Row{500, "10743", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true},
                         Row{500, "1100", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true},
                         Row{400, "", calls::v1::CALL_ERROR_CODE_REJECTED, false},
                         Row{401, "", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false},
                         Row{402, "", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false},
                         Row{403, "", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false},
                         Row{404, "", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false},
                         Row{405, "", calls::v1::CALL_ERROR_CODE_UNSUPPORTED, false},
                         Row{408, "", calls::v1::CALL_ERROR_CODE_TIMEOUT, true},
                         Row{409, "", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false},
                         Row{418, "", calls::v1::CALL_ERROR_CODE_REJECTED, false},
                         Row{429, "", calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true},
                         Row{500, "", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true},
                         Row{502, "", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true},
                         Row{503, "", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true},
                         Row{302, "", calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, false}}) {
    const calls::v1::CallError error = ErrorOfAnswer(row.status, row.code, "");
    EXPECT_EQ(error.code(), row.error) << row.status << row.code;
    EXPECT_EQ(error.retryable(), row.retryable) << row.status << row.code;
    EXPECT_FALSE(error.message().empty());
  }
  EXPECT_EQ(ErrorOfAnswer(403, "", "number is in DND list").code(), calls::v1::CALL_ERROR_CODE_REJECTED);
}

TEST(TablesTest, MessagesTellNoNumbersAndNoMarkup) {
  EXPECT_EQ(CleanMessage("Call to +91 98765-43210 <a href=\"x\">see</a> 12"), "Call to +** *****-***10 see 12");
  EXPECT_EQ(CleanMessage("<unclosed"), "");
}

}  // namespace
}  // namespace trunkline::providers::exotel
