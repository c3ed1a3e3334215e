#include "libs/telephony/sip_response.h"

namespace trunkline::telephony {
namespace {

using calls::v1::Hangup;
using calls::v1::HangupCause;
using calls::v1::HangupSource;

Hangup Make(HangupCause cause, HangupSource source) {
  Hangup hangup;
  hangup.set_cause(cause);
  hangup.set_source(source);
  return hangup;
}

}  // namespace

Hangup HangupOfSipResponse(int code) {
  switch (code) {
    case 486:
    case 600:
      return Make(calls::v1::HANGUP_CAUSE_BUSY, calls::v1::HANGUP_SOURCE_CALLEE);
    case 603:
    case 607:
      return Make(calls::v1::HANGUP_CAUSE_REJECTED, calls::v1::HANGUP_SOURCE_CALLEE);
    case 403:
    case 608:
      return Make(calls::v1::HANGUP_CAUSE_REJECTED, calls::v1::HANGUP_SOURCE_SYSTEM);
    case 404:
    case 410:
    case 484:
    case 604:
      return Make(calls::v1::HANGUP_CAUSE_INVALID_NUMBER, calls::v1::HANGUP_SOURCE_SYSTEM);
    case 408:
      return Make(calls::v1::HANGUP_CAUSE_TIMEOUT, calls::v1::HANGUP_SOURCE_SYSTEM);
    case 480:
      return Make(calls::v1::HANGUP_CAUSE_UNREACHABLE, calls::v1::HANGUP_SOURCE_CALLEE);
    case 487:
      return Hangup();
    default:
      if (code >= 400) return Make(calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, calls::v1::HANGUP_SOURCE_SYSTEM);
      return Hangup();
  }
}

}  // namespace trunkline::telephony
