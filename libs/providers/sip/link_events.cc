#include "libs/providers/sip/link_events.h"

#include <optional>
#include <string>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/ami/reader.h"
#include "libs/providers/sip/call_context.h"
#include "libs/providers/sip/call_id.h"
#include "libs/providers/sip/parties.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::sip {
namespace {

using events::v1::CallEvent;

constexpr int64_t kLongestTalkSeconds = 1'000'000'000;

struct LinkEvent {
  ami::Message event;
  CallContext context;
};

absl::StatusOr<LinkEvent> Read(const webhooks::v1::RawWebhook& raw) {
  ami::Reader reader;
  reader.Feed(raw.link().body());
  TL_ASSIGN_OR_RETURN(std::optional<ami::Message> event, reader.Next());
  TL_ASSIGN_OR_RETURN(const std::optional<ami::Message> second, reader.Next());
  if (!event.has_value() || !event->IsEvent() || !second.has_value()) {
    return absl::InvalidArgumentError("the message is no event with its context");
  }
  std::optional<CallContext> context = ReadContext(*second);
  if (!context.has_value()) return absl::InvalidArgumentError("the event lacks its context");
  return LinkEvent{*std::move(event), *std::move(context)};
}

events::v1::CallEventType TypeOf(Fact fact) {
  switch (fact) {
    case Fact::kInitiated:
      return events::v1::CALL_EVENT_TYPE_INITIATED;
    case Fact::kQueued:
      return events::v1::CALL_EVENT_TYPE_ENQUEUED;
    case Fact::kRinging:
      return events::v1::CALL_EVENT_TYPE_RINGING;
    case Fact::kAnswered:
      return events::v1::CALL_EVENT_TYPE_ANSWERED;
    case Fact::kHeld:
      return events::v1::CALL_EVENT_TYPE_HELD;
    case Fact::kResumed:
      return events::v1::CALL_EVENT_TYPE_RESUMED;
    case Fact::kTransferred:
      return events::v1::CALL_EVENT_TYPE_TRANSFERRED;
    case Fact::kLegEnded:
      return events::v1::CALL_EVENT_TYPE_DIALED_LEG_ENDED;
    case Fact::kDigits:
      return events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED;
    case Fact::kRecording:
      return events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED;
    case Fact::kMachine:
      return events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED;
    case Fact::kEnded:
      return events::v1::CALL_EVENT_TYPE_ENDED;
    case Fact::kBilled:
    case Fact::kNone:
      return events::v1::CALL_EVENT_TYPE_UPDATED;
  }
  return events::v1::CALL_EVENT_TYPE_UPDATED;
}

// What happens to a call once, or once to each of its channels, is told apart by that alone, so that an exchange which
// is heard twice is stored once; what may repeat has its time too.
bool Repeats(Fact fact) {
  return fact != Fact::kInitiated && fact != Fact::kRinging && fact != Fact::kAnswered && fact != Fact::kLegEnded &&
         fact != Fact::kEnded;
}

std::string LegIdOf(const LinkEvent& message) {
  if (message.context.fact == Fact::kInitiated || message.context.fact == Fact::kEnded) return {};
  for (const std::string_view key :
       {"DestUniqueid", "Uniqueid", "ParkeeUniqueid", "TransfererUniqueid", "OrigTransfererUniqueid"}) {
    if (const std::string_view leg = message.event.Known(key); !leg.empty()) return std::string(leg);
  }
  return {};
}

CallEvent New(const webhooks::v1::RawWebhook& raw, const LinkEvent& message) {
  const CallContext& context = message.context;
  CallEvent event;
  event.set_type(TypeOf(context.fact));
  event.set_call_id(CallIdOf(raw.provider_account_id(), context.external_call_id));
  event.set_event_id(telephony::EventIdOf(raw.provider_account_id(),
                                          Concat(kProviderName, ".", telephony::NameOf(event.type())),
                                          {context.external_call_id, LegIdOf(message),
                                           Repeats(context.fact) ? Concat(absl::ToUnixMicros(context.at)) : ""}));
  event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
  *event.mutable_occurred_at() = telephony::ToProto(context.at);
  *event.mutable_received_at() = raw.received_at();

  calls::v1::CallDetails* details = event.mutable_details();
  details->set_provider(std::string(kProviderName));
  details->set_provider_account_id(raw.provider_account_id());
  details->set_external_call_id(ToStorableText(context.external_call_id));
  if (context.direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(context.direction);
  if (const auto from = PartyOf(context.from, context.default_region)) details->set_from(*from);
  if (const auto to = PartyOf(context.to, context.default_region)) details->set_to(*to);
  return event;
}

void SetName(const LinkEvent& message, CallEvent* event) {
  const std::string_view name = message.event.Known("CallerIDName");
  if (message.context.direction != calls::v1::CALL_DIRECTION_INBOUND || name.empty()) return;
  if (!EqualsIgnoreCase(name, "anonymous")) event->mutable_details()->set_caller_name(ToStorableText(name));
}

calls::v1::CallStatus StatusOfLeg(std::string_view dial_status) {
  if (dial_status == "BUSY") return calls::v1::CALL_STATUS_BUSY;
  if (dial_status == "NOANSWER") return calls::v1::CALL_STATUS_NO_ANSWER;
  if (dial_status == "CANCEL") return calls::v1::CALL_STATUS_CANCELED;
  const bool failed = dial_status == "CHANUNAVAIL" || dial_status == "CONGESTION" || dial_status == "ABORT";
  return failed ? calls::v1::CALL_STATUS_FAILED : calls::v1::CALL_STATUS_UNSPECIFIED;
}

void SetLeg(const LinkEvent& message, CallEvent* event) {
  const calls::v1::CallStatus status = StatusOfLeg(message.event.Get("DialStatus"));
  event->mutable_dialed_leg()->set_status(status);
  if (status != calls::v1::CALL_STATUS_UNSPECIFIED) event->mutable_details()->set_dialed_leg_status(status);
}

// The events of a recording do not name it. Trunkline writes the name of those that it starts into a variable, which
// exchanges with "channelvars = TRUNKLINE_RECORDING" repeat.
void SetRecording(const LinkEvent& message, CallEvent* event) {
  constexpr std::string_view kVariable = "TRUNKLINE_RECORDING=";
  calls::v1::Recording* recording = event->mutable_details()->mutable_recording();
  const bool stopped = message.event.Event() == "MixMonitorStop";
  recording->set_status(stopped ? calls::v1::RECORDING_STATUS_READY : calls::v1::RECORDING_STATUS_IN_PROGRESS);
  for (const std::string_view variable : message.event.All("ChanVariable")) {
    if (!variable.starts_with(kVariable) || variable.size() == kVariable.size()) continue;
    const std::string file = ToStorableText(variable.substr(kVariable.size()));
    recording->set_external_recording_id(file);
    if (!message.context.recording_url.empty() && file.find('/') == std::string::npos) {
      recording->set_url(ToStorableText(Concat(message.context.recording_url, file)));
    }
  }
}

void SetMachine(const LinkEvent& message, CallEvent* event) {
  const std::string_view word = message.event.Get("Value");
  calls::v1::AnsweredBy answered_by = calls::v1::ANSWERED_BY_UNKNOWN;
  if (word == "HUMAN") answered_by = calls::v1::ANSWERED_BY_HUMAN;
  if (word == "MACHINE") answered_by = calls::v1::ANSWERED_BY_MACHINE;
  event->mutable_details()->set_answered_by(answered_by);
}

void SetTalk(const LinkEvent& message, CallEvent* event) {
  const auto seconds = ParseInt(message.event.Get("BillableSeconds"));
  if (!seconds.has_value() || *seconds < 0 || *seconds > kLongestTalkSeconds) return;
  *event->mutable_details()->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*seconds));
}

void SetEnd(const LinkEvent& message, CallEvent* event) {
  const CallContext& context = message.context;
  const CallEnd end = EndOf(context.end);
  event->set_status(end.status);
  *event->mutable_hangup() = end.hangup;
  if (calls::v1::CallError error = ErrorOfEnd(end, context.end.cause, context.end.sip_response);
      end.status == calls::v1::CALL_STATUS_FAILED) {
    error.set_provider_message(ToStorableText(message.event.Known("Cause-txt")));
    *event->mutable_error() = std::move(error);
  }
  if (context.end.sip_response != 0) event->mutable_details()->set_sip_response_code(context.end.sip_response);
  event->mutable_details()->set_provider_status(Concat(context.end.cause));
  if (context.network.has_value())
    *event->mutable_details()->mutable_quality() = telephony::QualityOf(*context.network);
}

}  // namespace

absl::StatusOr<std::vector<CallEvent>> EventsOfLinkMessage(const webhooks::v1::RawWebhook& raw) {
  TL_ASSIGN_OR_RETURN(const LinkEvent message, Read(raw));
  if (message.context.external_call_id.empty()) return absl::InvalidArgumentError("the message names no call");
  if (message.context.fact == Fact::kNone) return std::vector<CallEvent>();
  CallEvent event = New(raw, message);
  switch (message.context.fact) {
    case Fact::kInitiated:
      event.set_status(calls::v1::CALL_STATUS_INITIATED);
      SetName(message, &event);
      break;
    case Fact::kQueued:
      event.set_status(calls::v1::CALL_STATUS_QUEUED);
      event.mutable_details()->set_waited_in_queue(true);
      break;
    case Fact::kRinging:
      event.set_status(calls::v1::CALL_STATUS_RINGING);
      break;
    case Fact::kAnswered:
      event.set_status(calls::v1::CALL_STATUS_ANSWERED);
      if (message.context.bridged) event.mutable_details()->set_bridged(true);
      break;
    case Fact::kHeld:
      event.set_status(calls::v1::CALL_STATUS_ON_HOLD);
      break;
    case Fact::kResumed:
      event.set_status(calls::v1::CALL_STATUS_ANSWERED);
      break;
    case Fact::kTransferred:
      event.set_status(calls::v1::CALL_STATUS_TRANSFERRED);
      break;
    case Fact::kLegEnded:
      SetLeg(message, &event);
      break;
    case Fact::kDigits:
      event.mutable_digits()->set_digits(ToStorableText(message.event.Get("Digit")));
      break;
    case Fact::kRecording:
      SetRecording(message, &event);
      break;
    case Fact::kMachine:
      SetMachine(message, &event);
      break;
    case Fact::kBilled:
      SetTalk(message, &event);
      break;
    case Fact::kEnded:
      SetEnd(message, &event);
      break;
    case Fact::kNone:
      break;
  }
  return std::vector<CallEvent>{std::move(event)};
}

}  // namespace trunkline::providers::sip
