#include "libs/providers/plivo/hangup_codes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::array<HangupCode, 56> kCodes = {{
    {0, "Unknown", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_UNAVAILABLE, false, "the provider does not know why the call ended"},
    {1000, "Canceled", calls::v1::CALL_STATUS_CANCELED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {1010, "Canceled (Out Of Credits)", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the account has no credit"},
    {1020, "Canceled (Simultaneous dial limit reached)", calls::v1::CALL_STATUS_FAILED,
     calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false,
     "the plan dials too many numbers at once"},
    {2000, "Invalid Destination Address", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_INVALID_NUMBER,
     calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number to call is not valid"},
    {2010, "Destination Out Of Service", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_UNREACHABLE,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the number cannot be reached"},
    {2020, "Endpoint Not Registered", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_UNREACHABLE,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the called device is offline"},
    {2030, "Destination Country Barred", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the account may not call this country"},
    {2040, "Destination Number Barred", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the provider does not allow calls to this number"},
    {2050, "Destination Prefix Barred", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the provider does not allow calls to such numbers"},
    {2060, "Loop Detected", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the call would go round in a circle"},
    {2070, "Violates Media Anchoring", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "a rule about routes in India forbids the call"},
    {3000, "No Answer", calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {3010, "Busy Line", calls::v1::CALL_STATUS_BUSY, calls::v1::HANGUP_CAUSE_BUSY,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {3020, "Rejected", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the call was refused"},
    {3030, "Unknown Caller ID", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the caller id is not known"},
    {3040, "Forbidden", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the call is forbidden"},
    {3050, "Unallocated number", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_INVALID_NUMBER,
     calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number does not exist"},
    {3070, "Request timeout", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_TIMEOUT,
     calls::v1::CALL_ERROR_CODE_TIMEOUT, true, "the carrier did not answer"},
    {3080, "Internal server error from carrier", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the carrier failed"},
    {3090, "Network congestion from carrier", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the carrier's network is congested"},
    {3100, "Busy everywhere", calls::v1::CALL_STATUS_BUSY, calls::v1::HANGUP_CAUSE_BUSY,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {3110, "Declined", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the call was declined"},
    {3120, "User does not exist anywhere", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_INVALID_NUMBER,
     calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number does not exist"},
    {3130, "Spam block", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the call was blocked as spam"},
    {3140, "DNO Caller ID", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the caller id is on a list of numbers that never call"},
    {4000, "Normal Hangup", calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_USER_HANGUP,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {4010, "End Of XML Instructions", calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {4020, "Multiparty Call Ended", calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {4030, "Kicked Out Of Multiparty Call", calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {4240, "sip_auth_failed", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the SIP password was refused"},
    {4250, "sip_auth_timeout", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_TIMEOUT,
     calls::v1::CALL_ERROR_CODE_TIMEOUT, false, "the SIP password was not asked for in time"},
    {5000, "Network Error", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider's network failed"},
    {5010, "Internal Error", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider failed"},
    {5020, "Routing Error", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider found no route"},
    {5030, "Concurrency Limit Breached", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
     calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true, "too many calls at the provider at once"},
    {6000, "Scheduled Hangup", calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_TIMEOUT,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {6010, "Ring Timeout Reached", calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {6020, "Media Timeout", calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_TIMEOUT,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {7011, "Error Reaching Answer URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, true, "the provider could not fetch the call's instructions"},
    {7012, "Error Reaching Action URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, true, "the provider could not fetch the call's instructions"},
    {7013, "Error Reaching Transfer URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, true, "the provider could not fetch the call's instructions"},
    {7014, "Error Reaching Redirect URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, true, "the provider could not fetch the call's instructions"},
    {7022, "Invalid Action URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the URL of the call's instructions is not valid"},
    {7023, "Invalid Transfer URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the URL of the call's instructions is not valid"},
    {7024, "Invalid Redirect URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the URL of the call's instructions is not valid"},
    {7032, "Invalid Method For Action URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the method for the call's instructions is not valid"},
    {7033, "Invalid Method For Transfer URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the method for the call's instructions is not valid"},
    {7034, "Invalid Method For Redirect URL", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the method for the call's instructions is not valid"},
    {8011, "Invalid Answer XML", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider did not understand the call's instructions"},
    {8012, "Invalid Action XML", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider did not understand the call's instructions"},
    {8013, "Invalid Transfer XML", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider did not understand the call's instructions"},
    {8014, "Invalid Redirect XML", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider did not understand the call's instructions"},
    {9000, "Lost Race", calls::v1::CALL_STATUS_CANCELED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {9100, "Machine Detected", calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_MACHINE_DETECTED,
     calls::v1::CALL_ERROR_CODE_UNSPECIFIED, false, ""},
    {9110, "Confirm Key Challenge Failed", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED,
     calls::v1::CALL_ERROR_CODE_REJECTED, false, "the callee did not confirm"},
}};

constexpr HangupCode kUnknownCode = {-1,
                                     "",
                                     calls::v1::CALL_STATUS_FAILED,
                                     calls::v1::HANGUP_CAUSE_PROVIDER_ERROR,
                                     calls::v1::CALL_ERROR_CODE_UNAVAILABLE,
                                     false,
                                     "the provider ended the call for a reason that is not known"};

// HangupCause of older webhooks, in the words of FreeSWITCH.
constexpr std::array<std::pair<std::string_view, int>, 19> kWords = {{
    {"NORMAL_CLEARING", 4000},
    {"USER_BUSY", 3010},
    {"NO_ANSWER", 3000},
    {"NO_USER_RESPONSE", 3000},
    {"RECOVERY_ON_TIMER_EXPIRE", 3070},
    {"ALLOTTED_TIMEOUT", 6000},
    {"CALL_REJECTED", 3020},
    {"ORIGINATOR_CANCEL", 1000},
    {"UNALLOCATED_NUMBER", 3050},
    {"INVALID_NUMBER_FORMAT", 2000},
    {"SUBSCRIBER_ABSENT", 2010},
    {"USER_NOT_REGISTERED", 2020},
    {"DESTINATION_OUT_OF_ORDER", 2010},
    {"NO_ROUTE_DESTINATION", 2010},
    {"NETWORK_OUT_OF_ORDER", 5000},
    {"NORMAL_TEMPORARY_FAILURE", 3080},
    {"SWITCH_CONGESTION", 3090},
    {"INTERWORKING", 5020},
    {"LOSE_RACE", 9000},
}};

}  // namespace

const HangupCode& FindHangupCode(int code) {
  const auto found =
      std::find_if(kCodes.begin(), kCodes.end(), [code](const HangupCode& row) { return row.code == code; });
  return found == kCodes.end() ? kUnknownCode : *found;
}

const HangupCode& FindHangupWord(std::string_view word) {
  for (const auto& [name, code] : kWords) {
    if (name == word) return FindHangupCode(code);
  }
  return kUnknownCode;
}

calls::v1::CallError ErrorOfHangup(const HangupCode& hangup, std::string_view code, std::string_view text) {
  calls::v1::CallError error;
  const bool told = hangup.error != calls::v1::CALL_ERROR_CODE_UNSPECIFIED;
  error.set_code(told ? hangup.error : calls::v1::CALL_ERROR_CODE_REJECTED);
  error.set_message(told ? std::string(hangup.message) : "the call could not be carried out");
  error.set_provider_code(ToStorableText(code));
  error.set_provider_message(ToStorableText(text));
  error.set_retryable(hangup.retryable);
  return error;
}

}  // namespace trunkline::providers::plivo
