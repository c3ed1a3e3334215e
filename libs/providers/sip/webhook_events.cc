#include "libs/providers/sip/webhook_events.h"

#include <optional>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/call_id.h"
#include "libs/providers/sip/hangup_causes.h"
#include "libs/providers/sip/parties.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::sip {
namespace {

using events::v1::CallEvent;
using events::v1::CallEventType;

constexpr int64_t kLongestSeconds = 1'000'000'000;
constexpr int64_t kLargestCause = 127;

enum class Kind {
  kIncoming,
  kOutgoing,
  kQueued,
  kRinging,
  kAnswered,
  kHold,
  kUnhold,
  kTransferred,
  kDigits,
  kRecordingStarted,
  kRecordingStopped,
  kAbandoned,
  kMissed,
  kBusy,
  kFailed,
  kEnded,
};

struct Name {
  std::string_view name;
  Kind kind;
};

constexpr Name kNames[] = {
    {"incoming_call", Kind::kIncoming},
    {"call_incoming", Kind::kIncoming},
    {"new_call", Kind::kIncoming},
    {"outgoing_call", Kind::kOutgoing},
    {"call_initiated", Kind::kOutgoing},
    {"dial_start", Kind::kOutgoing},
    {"call_queued", Kind::kQueued},
    {"queue_join", Kind::kQueued},
    {"call_ringing", Kind::kRinging},
    {"ringing", Kind::kRinging},
    {"call_answered", Kind::kAnswered},
    {"answered", Kind::kAnswered},
    {"call_connected", Kind::kAnswered},
    {"call_hold", Kind::kHold},
    {"hold", Kind::kHold},
    {"call_unhold", Kind::kUnhold},
    {"unhold", Kind::kUnhold},
    {"resume", Kind::kUnhold},
    {"call_transferred", Kind::kTransferred},
    {"transfer", Kind::kTransferred},
    {"dtmf", Kind::kDigits},
    {"recording_started", Kind::kRecordingStarted},
    {"recording_stopped", Kind::kRecordingStopped},
    {"recording_complete", Kind::kRecordingStopped},
    {"queue_abandoned", Kind::kAbandoned},
    {"abandon", Kind::kAbandoned},
    {"call_missed", Kind::kMissed},
    {"missed_call", Kind::kMissed},
    {"call_busy", Kind::kBusy},
    {"call_failed", Kind::kFailed},
    {"call_ended", Kind::kEnded},
    {"hangup", Kind::kEnded},
    {"call_hangup", Kind::kEnded},
    {"end", Kind::kEnded},
};

std::optional<Kind> KindOf(std::string_view event) {
  for (const Name& known : kNames) {
    if (EqualsIgnoreCase(known.name, event)) return known.kind;
  }
  return std::nullopt;
}

CallEventType TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kIncoming:
    case Kind::kOutgoing:
      return events::v1::CALL_EVENT_TYPE_INITIATED;
    case Kind::kQueued:
      return events::v1::CALL_EVENT_TYPE_ENQUEUED;
    case Kind::kRinging:
      return events::v1::CALL_EVENT_TYPE_RINGING;
    case Kind::kAnswered:
      return events::v1::CALL_EVENT_TYPE_ANSWERED;
    case Kind::kHold:
      return events::v1::CALL_EVENT_TYPE_HELD;
    case Kind::kUnhold:
      return events::v1::CALL_EVENT_TYPE_RESUMED;
    case Kind::kTransferred:
      return events::v1::CALL_EVENT_TYPE_TRANSFERRED;
    case Kind::kDigits:
      return events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED;
    case Kind::kRecordingStarted:
    case Kind::kRecordingStopped:
      return events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED;
    default:
      return events::v1::CALL_EVENT_TYPE_ENDED;
  }
}

calls::v1::CallDirection DirectionOf(const PbxWebhook& webhook, Kind kind) {
  const calls::v1::CallDirection told = webhook.direction();
  if (told != calls::v1::CALL_DIRECTION_UNSPECIFIED || !webhook.Get("direction").empty()) return told;
  if (kind == Kind::kIncoming || kind == Kind::kAbandoned || kind == Kind::kMissed) {
    return calls::v1::CALL_DIRECTION_INBOUND;
  }
  return kind == Kind::kOutgoing ? calls::v1::CALL_DIRECTION_OUTBOUND : calls::v1::CALL_DIRECTION_UNSPECIFIED;
}

calls::v1::HangupSource SourceOf(const PbxWebhook& webhook) {
  const std::string_view told = webhook.Get("hangup_source");
  if (told.empty()) return calls::v1::HANGUP_SOURCE_UNSPECIFIED;
  if (told == "caller" || told == webhook.Get("channel")) return calls::v1::HANGUP_SOURCE_CALLER;
  if (told == "callee" || told == webhook.Get("dest_channel")) return calls::v1::HANGUP_SOURCE_CALLEE;
  return calls::v1::HANGUP_SOURCE_SYSTEM;
}

CallEnd Make(calls::v1::CallStatus status, calls::v1::HangupCause cause, calls::v1::HangupSource source) {
  CallEnd end;
  end.status = status;
  end.hangup.set_cause(cause);
  end.hangup.set_source(source);
  return end;
}

CallEnd Completed(const PbxWebhook& webhook, EndFacts facts) {
  facts.answered = true;
  facts.asked_by = SourceOf(webhook);
  CallEnd end = EndOf(facts);
  // Without a word on who hung up it was one of the two.
  if (facts.asked_by == calls::v1::HANGUP_SOURCE_UNSPECIFIED) end.hangup.set_source(facts.asked_by);
  return end;
}

// By the dial's result, then by talk, then by the cause.
CallEnd EndOfHangup(const PbxWebhook& webhook, EndFacts facts) {
  const std::string_view dialed = webhook.Get("dial_status");
  const auto missed_or = [&](calls::v1::CallStatus outbound) {
    return facts.inbound ? calls::v1::CALL_STATUS_MISSED : outbound;
  };
  if (dialed == "ANSWER") return Completed(webhook, facts);
  // "Not answered" is said of numbers that do not exist too.
  const bool rang_out = facts.cause == 0 || facts.cause == 16 || facts.cause == 18 || facts.cause == 19;
  if (dialed == "NOANSWER" && rang_out) {
    return Make(missed_or(calls::v1::CALL_STATUS_NO_ANSWER), calls::v1::HANGUP_CAUSE_TIMEOUT,
                calls::v1::HANGUP_SOURCE_CALLEE);
  }
  if (dialed == "BUSY") {
    return Make(missed_or(calls::v1::CALL_STATUS_BUSY), calls::v1::HANGUP_CAUSE_BUSY, calls::v1::HANGUP_SOURCE_CALLEE);
  }
  if (dialed == "CANCEL") {
    return Make(facts.inbound ? calls::v1::CALL_STATUS_ABANDONED : calls::v1::CALL_STATUS_CANCELED,
                calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_CALLER);
  }
  const bool by_cause = dialed.empty() || webhook.Number("hangup_cause", kLargestCause).has_value();
  if (dialed == "CHANUNAVAIL") {
    return Make(calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_UNREACHABLE, calls::v1::HANGUP_SOURCE_SYSTEM);
  }
  if (dialed == "CONGESTION" || !by_cause) {
    return Make(calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, calls::v1::HANGUP_SOURCE_SYSTEM);
  }
  if (dialed.empty() && webhook.Number("billsec", kLongestSeconds).value_or(0) > 0) return Completed(webhook, facts);
  facts.asked_by = SourceOf(webhook);
  return EndOf(facts);
}

CallEnd EndOfWebhook(const PbxWebhook& webhook, Kind kind) {
  EndFacts facts;
  facts.inbound = DirectionOf(webhook, kind) == calls::v1::CALL_DIRECTION_INBOUND;
  facts.cause = static_cast<int>(webhook.Number("hangup_cause", kLargestCause).value_or(0));
  switch (kind) {
    case Kind::kAbandoned:
      return Make(calls::v1::CALL_STATUS_ABANDONED, calls::v1::HANGUP_CAUSE_USER_HANGUP,
                  calls::v1::HANGUP_SOURCE_CALLER);
    case Kind::kMissed:
      return Make(calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_TIMEOUT, calls::v1::HANGUP_SOURCE_CALLEE);
    case Kind::kBusy:
      return Make(facts.inbound ? calls::v1::CALL_STATUS_MISSED : calls::v1::CALL_STATUS_BUSY,
                  calls::v1::HANGUP_CAUSE_BUSY, calls::v1::HANGUP_SOURCE_CALLEE);
    case Kind::kFailed:
      return Make(calls::v1::CALL_STATUS_FAILED, MeaningOfCause(facts.cause).cause, calls::v1::HANGUP_SOURCE_SYSTEM);
    default:
      return EndOfHangup(webhook, facts);
  }
}

// A plain file name: it is told, and never opened.
std::string RecordingFileOf(const PbxWebhook& webhook) {
  const std::string_view file = webhook.Get("recording_file");
  const bool plain = file.find_first_of("/\\") == std::string_view::npos && !file.starts_with('.');
  return plain ? std::string(file) : std::string();
}

class Builder {
 public:
  Builder(const PbxWebhook& webhook, Kind kind, std::string_view account_id, absl::Time received_at,
          std::string_view body)
      : webhook_(webhook), kind_(kind), account_id_(account_id), received_at_(received_at), body_(body) {}

  CallEvent New(CallEventType type) const {
    CallEvent event;
    event.set_type(type);
    event.set_call_id(CallIdOf(account_id_, webhook_.external_call_id()));
    event.set_event_id(IdOf(type));
    event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
    *event.mutable_occurred_at() = telephony::ToProto(webhook_.time().value_or(received_at_));
    *event.mutable_received_at() = telephony::ToProto(received_at_);
    calls::v1::CallDetails* details = event.mutable_details();
    details->set_provider(std::string(kProviderName));
    details->set_provider_account_id(std::string(account_id_));
    details->set_external_call_id(std::string(webhook_.external_call_id()));
    const calls::v1::CallDirection direction = DirectionOf(webhook_, kind_);
    if (direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(direction);
    // Of calls that Trunkline placed it knows the numbers better.
    const bool ours = IsUuid(webhook_.external_call_id());
    const auto from = PartyOf(webhook_.caller(), {});
    const auto to = PartyOf(webhook_.destination(), {});
    if (!ours && from.has_value()) details->set_from(*from);
    if (!ours && to.has_value()) details->set_to(*to);
    if (const std::string_view name = webhook_.Get("caller_name"); !name.empty()) {
      details->set_caller_name(std::string(name));
    }
    return event;
  }

 private:
  std::string IdOf(CallEventType type) const {
    const std::string kind = Concat(kProviderName, ".http.", telephony::NameOf(type));
    const std::string_view call = webhook_.external_call_id();
    if (const std::string_view id = webhook_.Get("event_id"); !id.empty()) {
      return telephony::EventIdOf(account_id_, kind, {call, "id", id});
    }
    if (const std::string_view time = webhook_.Get("timestamp"); !time.empty()) {
      return telephony::EventIdOf(account_id_, kind, {call, webhook_.event(), time, webhook_.Get("channel")});
    }
    return telephony::EventIdOf(account_id_, kind, {call, "digest", HexEncode(Sha256(body_))});
  }

  const PbxWebhook& webhook_;
  const Kind kind_;
  const std::string_view account_id_;
  const absl::Time received_at_;
  const std::string_view body_;
};

calls::v1::CallStatus StatusOfWord(Kind kind) {
  switch (kind) {
    case Kind::kIncoming:
    case Kind::kOutgoing:
      return calls::v1::CALL_STATUS_INITIATED;
    case Kind::kQueued:
      return calls::v1::CALL_STATUS_QUEUED;
    case Kind::kRinging:
      return calls::v1::CALL_STATUS_RINGING;
    case Kind::kAnswered:
    case Kind::kUnhold:
      return calls::v1::CALL_STATUS_ANSWERED;
    case Kind::kHold:
      return calls::v1::CALL_STATUS_ON_HOLD;
    case Kind::kTransferred:
      return calls::v1::CALL_STATUS_TRANSFERRED;
    default:
      return calls::v1::CALL_STATUS_UNSPECIFIED;
  }
}

void SetEnd(const PbxWebhook& webhook, Kind kind, CallEvent* event) {
  const CallEnd end = EndOfWebhook(webhook, kind);
  event->set_status(end.status);
  *event->mutable_hangup() = end.hangup;
  calls::v1::CallDetails* details = event->mutable_details();
  const auto cause = webhook.Number("hangup_cause", kLargestCause);
  if (end.status == calls::v1::CALL_STATUS_FAILED) {
    *event->mutable_error() = ErrorOfEnd(end, static_cast<int>(cause.value_or(0)), 0);
  }
  if (!webhook.Get("dial_status").empty()) {
    details->set_provider_status(std::string(webhook.Get("dial_status")));
  } else if (cause.has_value()) {
    details->set_provider_status(Concat(*cause));
  }
  if (end.status != calls::v1::CALL_STATUS_COMPLETED) return;
  details->set_bridged(true);
  if (const auto talked = webhook.Number("billsec", kLongestSeconds); talked.has_value()) {
    *details->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*talked));
  }
}

}  // namespace

std::vector<CallEvent> EventsOfWebhook(const PbxWebhook& webhook, std::string_view account_id, absl::Time received_at,
                                       std::string_view body) {
  const std::optional<Kind> kind = KindOf(webhook.event());
  if (!kind.has_value()) return {};
  const Builder builder(webhook, *kind, account_id, received_at, body);
  CallEvent event = builder.New(TypeOf(*kind));
  event.set_status(StatusOfWord(*kind));
  switch (*kind) {
    case Kind::kQueued:
      event.mutable_details()->set_waited_in_queue(true);
      break;
    case Kind::kDigits:
      event.mutable_digits()->set_digits(std::string(webhook.Get("digits")));
      break;
    case Kind::kRecordingStarted:
    case Kind::kRecordingStopped: {
      calls::v1::Recording* recording = event.mutable_details()->mutable_recording();
      recording->set_external_recording_id(RecordingFileOf(webhook));
      recording->set_status(*kind == Kind::kRecordingStarted ? calls::v1::RECORDING_STATUS_IN_PROGRESS
                                                             : calls::v1::RECORDING_STATUS_READY);
      break;
    }
    default:
      break;
  }
  if (event.type() != events::v1::CALL_EVENT_TYPE_ENDED) return {std::move(event)};
  SetEnd(webhook, *kind, &event);
  std::vector<CallEvent> told = {std::move(event)};
  if (const std::string file = RecordingFileOf(webhook); !file.empty()) {
    CallEvent recorded = builder.New(events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
    recorded.mutable_details()->mutable_recording()->set_external_recording_id(file);
    recorded.mutable_details()->mutable_recording()->set_status(calls::v1::RECORDING_STATUS_READY);
    told.push_back(std::move(recorded));
  }
  return told;
}

}  // namespace trunkline::providers::sip
