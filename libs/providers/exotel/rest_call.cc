#include "libs/providers/exotel/rest_call.h"

#include <string>

#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/call_identity.h"
#include "libs/providers/exotel/local_rules.h"
#include "libs/providers/exotel/rest_answer.h"
#include "libs/providers/exotel/status_mapping.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/money.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::exotel {
namespace {

using calls::v1::CallDetails;
using events::v1::CallEvent;

constexpr int64_t kLongestTalkSeconds = 1'000'000'000;

// What is told of the legs beside the call, when it is asked for.
struct Legs {
  std::string first;
  std::string second;
  std::optional<absl::Duration> talked;
};

Legs LegsOf(const nlohmann::json& object) {
  Legs legs;
  const nlohmann::json* details = JsonMember(object, "Details");
  if (details == nullptr) return legs;
  legs.first = Lower(JsonText(*details, "Leg1Status"));
  legs.second = Lower(JsonText(*details, "Leg2Status"));
  const auto talked = ParseInt(JsonText(*details, "ConversationDuration"));
  if (talked.has_value() && *talked >= 0 && *talked <= kLongestTalkSeconds) legs.talked = absl::Seconds(*talked);
  return legs;
}

void SetState(const nlohmann::json& object, const Legs& legs, CallEvent* event) {
  const std::string status = Lower(JsonText(object, "Status"));
  const auto set = [&](events::v1::CallEventType type, calls::v1::CallStatus to) {
    event->set_type(type);
    event->set_status(to);
  };
  if (status == "queued") return set(events::v1::CALL_EVENT_TYPE_QUEUED, calls::v1::CALL_STATUS_QUEUED);
  if (status == "ringing") return set(events::v1::CALL_EVENT_TYPE_RINGING, calls::v1::CALL_STATUS_RINGING);
  if (status == "in-progress") {
    if (legs.second == "in-progress") {
      return set(events::v1::CALL_EVENT_TYPE_ANSWERED, calls::v1::CALL_STATUS_ANSWERED);
    }
    return set(events::v1::CALL_EVENT_TYPE_INITIATED, calls::v1::CALL_STATUS_INITIATED);
  }
  if (status.empty()) return event->set_type(events::v1::CALL_EVENT_TYPE_UPDATED);
  const MappedEnd end = MapEnd(status, {legs.first, legs.second, MapAnsweredBy(JsonText(object, "AnsweredBy"))});
  set(events::v1::CALL_EVENT_TYPE_ENDED, end.status);
  *event->mutable_hangup() = end.hangup;
  if (end.status == calls::v1::CALL_STATUS_FAILED) *event->mutable_error() = ErrorOfFailedCall(end.hangup, status);
}

absl::Time OccurredAt(const nlohmann::json& object, const CallEvent& event, const LocalRules& rules,
                      absl::Time asked_at) {
  const char* first = telephony::IsEnded(event.status()) ? "EndTime" : "StartTime";
  for (const char* name : {first, "DateUpdated", "DateCreated"}) {
    if (const auto time = ParseTime(JsonText(object, name), rules); time.has_value()) return *time;
  }
  return asked_at;
}

void SetDetails(const nlohmann::json& object, const Account& account, const ProviderCall& call, const Legs& legs,
                CallDetails* details) {
  details->set_provider(std::string(kProviderName));
  details->set_provider_account_id(account.id);
  details->set_external_call_id(call.external_call_id);
  const calls::v1::CallDirection direction = MapDirection(JsonText(object, "Direction"));
  if (direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(direction);
  if (!call.from.empty()) details->set_from(call.from);
  if (!call.to.empty()) details->set_to(call.to);
  if (const std::string name = JsonText(object, "CallerName"); !name.empty()) details->set_caller_name(name);
  const auto forwarded = PartyOf(JsonText(object, "ForwardedFrom"), RulesOf(account));
  if (forwarded.has_value()) details->set_forwarded_from(*forwarded);
  const calls::v1::AnsweredBy answered_by = MapAnsweredBy(JsonText(object, "AnsweredBy"));
  if (answered_by != calls::v1::ANSWERED_BY_UNSPECIFIED) details->set_answered_by(answered_by);
  const auto cost = telephony::ParseMoney(JsonText(object, "Price"), CurrencyOf(account));
  if (cost.has_value()) *details->mutable_cost() = *cost;
  // Duration counts all legs; only the conversation is talk.
  if (legs.talked.has_value()) *details->mutable_talk_duration() = telephony::ToProto(*legs.talked);
  if (const std::string url = JsonText(object, "RecordingUrl"); !url.empty()) {
    details->mutable_recording()->set_external_recording_id(call.external_call_id);
    details->mutable_recording()->set_url(url);
    details->mutable_recording()->set_status(calls::v1::RECORDING_STATUS_READY);
  }
  if (const std::string status = JsonText(object, "Status"); !status.empty()) details->set_provider_status(status);
}

}  // namespace

std::optional<ProviderCall> ReadCall(const nlohmann::json& object, const Account& account, absl::Time asked_at) {
  ProviderCall call;
  call.external_call_id = JsonText(object, "Sid");
  if (call.external_call_id.empty()) return std::nullopt;
  const LocalRules rules = RulesOf(account);
  const auto party = [&](std::string_view name) { return PartyOf(JsonText(object, name), rules).value_or(""); };
  const bool inbound = MapDirection(JsonText(object, "Direction")) == calls::v1::CALL_DIRECTION_INBOUND;
  const std::string exophone = party("PhoneNumberSid");
  call.from = inbound || exophone.empty() ? party("From") : exophone;
  call.to = party("To");
  if (call.to.empty()) call.to = inbound ? exophone : party("From");
  call.call_id = CallIdOfCustomField(JsonText(object, "CustomField"));

  const Legs legs = LegsOf(object);
  CallEvent& event = call.event;
  SetState(object, legs, &event);
  const absl::Time occurred_at = OccurredAt(object, event, rules, asked_at);
  call.created_at = ParseTime(JsonText(object, "DateCreated"), rules).value_or(occurred_at);
  event.set_source(events::v1::EVENT_SOURCE_RECONCILIATION);
  *event.mutable_occurred_at() = telephony::ToProto(occurred_at);
  *event.mutable_received_at() = telephony::ToProto(asked_at);
  SetDetails(object, account, call, legs, event.mutable_details());
  // Price and recording become known some time after the end, and are facts of their own then. The URL of a recording
  // is signed anew each time.
  event.set_event_id(telephony::EventIdOf(
      account.id, "exotel.rest",
      {call.external_call_id, JsonText(object, "Status"), legs.first, legs.second, JsonText(object, "Duration"),
       JsonText(object, "Price"), JsonText(object, "RecordingUrl").empty() ? "" : "recording"}));
  return call;
}

}  // namespace trunkline::providers::exotel
