// What the link knows of a call when it passes an event on: what came before, which the event does not say. It travels
// behind the event, as a second message of the same form, so that the mapping stays a function of one message:
//
//   Event: Hangup\r\n ... \r\n\r\n
//   Context: call\r\nDirection: inbound\r\nAnswered: 1\r\n ... \r\n\r\n
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/providers/sip/ami/message.h"
#include "libs/providers/sip/hangup_causes.h"
#include "libs/telephony/voice_quality.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::sip {

// The content type of a link's messages.
inline constexpr std::string_view kLinkContentType = "text/x-asterisk-manager";

// What an event amounts to for its call, as the link judges by what came before.
enum class Fact {
  kNone,
  kInitiated,
  kQueued,
  kRinging,
  kAnswered,
  kHeld,
  kResumed,
  kTransferred,
  kLegEnded,
  kDigits,
  kRecording,
  kMachine,
  kBilled,
  kEnded,
};

struct CallContext {
  Fact fact = Fact::kNone;
  std::string external_call_id;
  calls::v1::CallDirection direction = calls::v1::CALL_DIRECTION_UNSPECIFIED;
  std::string from;  // as the exchange writes it
  std::string to;
  std::string default_region;  // the account's
  std::string recording_url;   // base of the account's recordings, with a slash at its end; empty: none
  absl::Time at;               // of the event: the exchange's time where it tells one, else when it came
  bool bridged = false;        // two sides talk or talked
  // Of kEnded.
  EndFacts end;
  std::optional<telephony::NetworkQuality> network;
};

// As the second message.
std::string WriteContext(const CallContext& context);
// Nothing when the message is no context.
std::optional<CallContext> ReadContext(const ami::Message& message);

}  // namespace trunkline::providers::sip
