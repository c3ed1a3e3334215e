#include "tools/provider-twin/script.h"

#include "libs/base/text.h"

namespace trunkline::twin {

Script ScriptFor(std::string_view number) {
  Script script;
  // Clients and SIP addresses have no digits at their end: they answer.
  const auto digits = number.size() < 2 ? std::nullopt : ParseInt(number.substr(number.size() - 2));
  const int64_t choice = digits.value_or(0);
  if (choice < 0) return script;
  script.talk = absl::Seconds(10 + choice);
  switch (choice) {
    case 45:
    case 46:
    case 47:
    case 48:
    case 49:
      script.responds = false;
      break;
    case 50:
      script.pickup = Pickup::kBusy;
      script.sip_code = 486;
      break;
    case 51:
      script.pickup = Pickup::kNoAnswer;
      script.sip_code = 487;
      script.ring = absl::InfiniteDuration();
      break;
    case 52:
      script.pickup = Pickup::kUnreachable;
      script.sip_code = 404;
      break;
    case 53:
      script.ring = absl::Seconds(15);
      break;
    case 54:
      script.pickup = Pickup::kDeclined;
      script.sip_code = 603;
      break;
    case 55:
      script.listener = Listener::kMachine;
      break;
    case 56:
      script.reply = PlacingReply::kInvalidNumber;
      break;
    case 57:
      script.reply = PlacingReply::kErrorButPlaced;
      break;
    case 58:
      script.reply = PlacingReply::kLostButPlaced;
      break;
    case 59:
      script.reply = PlacingReply::kSlowAndPlaced;
      break;
    case 60:
      script.reply = PlacingReply::kErrorNotPlaced;
      break;
    case 61:
      script.reply = PlacingReply::kTooManyRequests;
      break;
    case 62:
      script.patience = absl::Milliseconds(1500);
      script.talk = absl::Milliseconds(1500);
      break;
    case 63:
      script.listener = Listener::kFax;
      break;
    case 64:
      script.listener = Listener::kUnknown;
      break;
    default:
      break;
  }
  return script;
}

}  // namespace trunkline::twin
