#include "tools/provider-twin/exotel/exchange.h"

#include <algorithm>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/exotel/wire_format.h"

namespace trunkline::twin::exotel {
namespace {

constexpr absl::Duration kFirstLegRing = absl::Seconds(1);
constexpr absl::Duration kInputPause = absl::Seconds(2);
constexpr std::string_view kBoundary = "----------------------------exotel-twin";
constexpr std::string_view kNoTime = "1970-01-01 05:30:00";

std::string_view EndOf(Pickup pickup) {
  switch (pickup) {
    case Pickup::kBusy:
    case Pickup::kDeclined:
      return "busy";
    case Pickup::kNoAnswer:
      return "no-answer";
    case Pickup::kUnreachable:
      return "failed";
    case Pickup::kAnswer:
      break;
  }
  return "completed";
}

std::string WordFor(Listener listener) {
  if (listener == Listener::kHuman) return "Human";
  return listener == Listener::kUnknown ? "NotSure" : "Machine";
}

// A flat form as the JSON that Exotel makes of it: Legs[0][Status] becomes an element of Legs.
std::string JsonOf(const Form& form) {
  nlohmann::ordered_json json;
  for (const auto& [name, value] : form) {
    const auto number = ParseInt(value);
    const bool counts = name.ends_with("Duration") || name.ends_with("Duration]");
    const nlohmann::ordered_json shown =
        counts && number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(value);
    if (!name.starts_with("Legs[")) {
      json[name] = shown;
      continue;
    }
    const size_t index = static_cast<size_t>(name[5] - '0');
    while (json["Legs"].size() <= index) json["Legs"].push_back(nlohmann::ordered_json::object());
    json["Legs"][index][name.substr(8, name.size() - 9)] = shown;
  }
  return WriteJson(json);
}

}  // namespace

bool IsFinal(std::string_view status) {
  return status == "completed" || status == "busy" || status == "failed" || status == "no-answer" ||
         status == "canceled";
}

void Exchange::Add(const CallPtr& call) {
  call->sid = NewSid();
  call->created = call->updated = Now();
  call->script = ScriptFor(call->DialedNumber());
  calls_.push_back(call);
  ++added_;
  // Calls in progress are never forgotten.
  while (calls_.size() > world_.call_capacity && IsFinal(calls_.front()->status)) calls_.pop_front();
}

void Exchange::Later(const CallPtr& call, absl::Duration simulated, std::function<void()> task) {
  world_.scheduler.After(world_.Scaled(simulated), [weak = std::weak_ptr<Call>(call), task = std::move(task)] {
    const CallPtr alive = weak.lock();
    if (alive != nullptr && !IsFinal(alive->status)) task();
  });
}

void Exchange::Place(const CallPtr& call, Ended ended) {
  Add(call);
  if (ended != nullptr) ended_[call->sid] = std::move(ended);
  call->status = "in-progress";
  if (call->to.empty()) return RingLast(call);
  // The number that is dialled first is the business's own and always answers.
  Later(call, kFirstLegRing, [this, call] {
    call->leg1 = "in-progress";
    call->started = call->updated = Now();
    if (call->wants_answered) NotifyStatus(*call, "answered");
    RingLast(call);
  });
}

void Exchange::RingLast(const CallPtr& call) {
  const Pickup pickup = call->script.pickup;
  const absl::Duration ring = pickup == Pickup::kNoAnswer ? call->ring_timeout : call->script.ring;
  if (ring > call->ring_timeout || pickup == Pickup::kNoAnswer) {
    return Later(call, call->ring_timeout, [this, call] { End(call, "no-answer", "nobody picked up"); });
  }
  Later(call, ring, [this, call, pickup] {
    if (pickup == Pickup::kAnswer) return Answer(call);
    End(call, EndOf(pickup), "the story of the number");
  });
}

void Exchange::Answer(const CallPtr& call) {
  const bool flow = call->to.empty() || call->inbound;
  (flow ? call->leg1 : call->leg2) = "in-progress";
  if (call->inbound) call->leg2 = "in-progress";
  call->answered = call->updated = Now();
  if (!call->started) call->started = call->answered;
  call->answered_by = WordFor(call->script.listener);
  if (call->wants_answered && !flow) NotifyStatus(*call, "answered");
  if (flow && !call->inbound) NotifyFlow(*call, call->passthru_url, "call-attempt", "");
  Later(call, std::min({call->script.talk, call->script.patience, call->patience}),
        [this, call] { End(call, "completed", "hung up after the talk"); });
}

void Exchange::End(const CallPtr& call, std::string_view status, std::string_view reason) {
  if (IsFinal(call->status)) return;
  call->status = status;
  call->end_reason = reason;
  call->ended = call->updated = Now();
  const auto seconds_since = [&](const std::optional<absl::Time>& time) {
    return time ? absl::ToInt64Seconds(world_.Unscaled(Now() - *time)) : 0;
  };
  call->leg1_seconds = seconds_since(call->started);
  call->talk_seconds = seconds_since(call->answered);
  const bool one_leg = call->to.empty();
  call->leg1 = one_leg ? std::string(status) : "completed";
  call->leg2 = one_leg ? std::string() : std::string(status);
  if (call->inbound) {
    const std::string_view type = status == "completed"  ? "completed"
                                  : status == "canceled" ? "client-hangup"
                                                         : "incomplete";
    NotifyFlow(*call, call->end_url.empty() ? call->passthru_url : call->end_url, type, "");
  } else {
    NotifyStatus(*call, "terminal");
  }
  if (const auto ended = ended_.find(call->sid); ended != ended_.end()) {
    ended->second(*call);
    ended_.erase(ended);
  }
}

void Exchange::Receive(const CallPtr& call) {
  call->inbound = true;
  Add(call);
  call->status = "in-progress";
  call->started = Now();
  NotifyFlow(*call, call->passthru_url, "call-attempt", "");
  absl::Duration at;
  for (const std::string& digits : call->digits) {
    at += kInputPause;
    Later(call, at, [this, call, digits] { NotifyFlow(*call, call->passthru_url, "call-attempt", digits); });
  }
  Later(call, call->patience, [this, call] {
    if (!call->answered) End(call, "canceled", "the caller gave up");
  });
  Later(call, at + kInputPause, [this, call] { RingLast(call); });
}

void Exchange::HangUp(const CallPtr& call) {
  End(call, call->answered ? "completed" : call->inbound ? "canceled" : "busy", "hung up by the control API");
}

void Exchange::NotifyStatus(const Call& call, std::string_view event_type) {
  if (call.status_callback.empty()) return;
  const bool terminal = event_type == "terminal";
  const bool events = call.wants_answered || call.wants_terminal;
  const std::string recording = terminal && call.record && call.talk_seconds > 0
                                    ? Concat(world_.public_url, "/twin-exotel-recordings/", call.sid, ".mp3")
                                    : std::string();
  Form form = {{"CallSid", call.sid},
               {"Status", call.status},
               {"DateUpdated", LocalTime(call.updated)},
               {"RecordingUrl", recording}};
  if (events && !call.to.empty()) {
    const Form more = {{"EventType", std::string(event_type)},
                       {"DateCreated", LocalTime(call.created)},
                       {"StartTime", LocalTime(call.started.value_or(call.created))},
                       {"EndTime", call.ended ? LocalTime(*call.ended) : std::string()},
                       {"To", National(call.to)},
                       {"From", National(call.from)},
                       {"PhoneNumberSid", National(call.exophone)},
                       {"ConversationDuration", Concat(call.talk_seconds)},
                       {"Direction", "outbound-api"},
                       {"CustomField", call.custom_field},
                       {"Legs[0][OnCallDuration]", Concat(call.leg1_seconds)},
                       {"Legs[0][Status]", call.leg1},
                       {"Legs[0][AnsweredBy]", "NA"},
                       {"Legs[1][OnCallDuration]", Concat(call.talk_seconds)},
                       {"Legs[1][Status]", call.leg2},
                       {"Legs[1][AnsweredBy]", call.answered_by}};
    form.insert(form.end(), more.begin(), more.end());
  }
  Webhook webhook = Notification("status", call.sid, call.status_callback);
  webhook.body = call.json_callback ? JsonOf(form) : MultipartBody(form, kBoundary);
  webhook.headers = {{"Content-Type", call.json_callback ? std::string("application/json")
                                                         : Concat("multipart/form-data; boundary=", kBoundary)}};
  webhook.params = std::move(form);
  sender_.Send(std::move(webhook));
}

void Exchange::NotifyFlow(const Call& call, const std::string& url, std::string_view call_type,
                          std::string_view digits) {
  if (url.empty()) return;
  const std::string to = National(call.exophone);
  Form form = {{"CallSid", call.sid},
               {"CallFrom", National(call.from)},
               {"CallTo", to},
               {"CallStatus", call.answered ? "in-progress" : "ringing"},
               {"Direction", call.inbound ? "incoming" : "outbound-dial"},
               {"ForwardedFrom", "null"},
               {"Created", DateTime(call.created)},
               {"DialCallDuration", Concat(call.talk_seconds)},
               {"StartTime", LocalTime(call.started.value_or(call.created))},
               {"EndTime", std::string(kNoTime)},
               {"CallType", std::string(call_type)},
               {"flow_id", "228040"},
               {"tenant_id", "67291"},
               {"From", National(call.from)},
               {"To", to},
               {"CurrentTime", LocalTime(Now())}};
  if (!digits.empty()) form.emplace_back("digits", Concat('"', digits, '"'));
  if (!call.custom_field.empty()) form.emplace_back("CustomField", call.custom_field);
  if (call.ended) {
    form.emplace_back("DialCallStatus", call.status);
    form.emplace_back("DialWhomNumber", National(call.to));
    form.emplace_back("Legs[0][OnCallDuration]", Concat(call.talk_seconds));
  }
  Webhook webhook = Notification("passthru", call.sid, url);
  webhook.method = "GET";
  webhook.url = Concat(url, url.find('?') == std::string::npos ? "?" : "&", EncodeForm(form));
  webhook.params = std::move(form);
  sender_.Send(std::move(webhook));
}

CallPtr Exchange::Find(std::string_view account_sid, std::string_view sid) const {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const CallPtr& call) {
    return call->sid == sid && (account_sid.empty() || call->account_sid == account_sid);
  });
  return found == calls_.end() ? nullptr : *found;
}

void Exchange::Reset() {
  // What is planned finds its call gone, or ended.
  for (const CallPtr& call : calls_) call->status = "canceled";
  calls_.clear();
  ended_.clear();
}

}  // namespace trunkline::twin::exotel
