#include "libs/providers/mock/script.h"

#include "libs/base/text.h"

namespace trunkline::providers::mock {
namespace {

Script Unanswered(Pickup pickup, int sip_code) {
  Script script;
  script.pickup = pickup;
  script.sip_code = sip_code;
  if (pickup == Pickup::kNoAnswer) script.ring = absl::InfiniteDuration();
  return script;
}

Script Replied(PlacingReply reply) {
  Script script;
  script.reply = reply;
  return script;
}

Script Heard(calls::v1::AnsweredBy listener) {
  Script script;
  script.listener = listener;
  return script;
}

Script Story(int64_t digits) {
  Script script;
  switch (digits) {
    case 50:
      return Unanswered(Pickup::kBusy, 486);
    case 51:
      return Unanswered(Pickup::kNoAnswer, 487);
    case 52:
      return Unanswered(Pickup::kUnreachable, 404);
    case 53:
      script.ring = absl::Seconds(15);
      return script;
    case 54:
      return Unanswered(Pickup::kDeclined, 603);
    case 55:
      return Heard(calls::v1::ANSWERED_BY_MACHINE);
    case 56:
      return Replied(PlacingReply::kInvalidNumber);
    case 57:
      return Replied(PlacingReply::kErrorButPlaced);
    case 58:
      return Replied(PlacingReply::kLostButPlaced);
    case 59:
      return Replied(PlacingReply::kSlowButPlaced);
    case 60:
      return Replied(PlacingReply::kErrorNotPlaced);
    case 61:
      return Replied(PlacingReply::kTooManyRequests);
    case 62:
      script.patience = absl::Milliseconds(1500);
      return script;
    case 63:
      return Heard(calls::v1::ANSWERED_BY_FAX);
    case 64:
      return Heard(calls::v1::ANSWERED_BY_UNKNOWN);
    default:
      script.responds = digits < 45 || digits > 49;
      return script;
  }
}

}  // namespace

Script ScriptFor(std::string_view number) {
  // SIP addresses and names have no digits at their end: they answer.
  const auto digits = number.size() < 2 ? std::nullopt : ParseInt(number.substr(number.size() - 2));
  const int64_t choice = digits.has_value() && *digits >= 0 ? *digits : 0;
  Script script = Story(choice);
  script.talk = choice == 62 ? script.patience : absl::Seconds(10 + choice);
  return script;
}

}  // namespace trunkline::providers::mock
