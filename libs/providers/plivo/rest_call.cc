#include "libs/providers/plivo/rest_call.h"

#include <cstdlib>
#include <string>

#include "libs/base/text.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/rest_answer.h"
#include "libs/providers/plivo/status_mapping.h"
#include "libs/providers/plivo/webhook_time.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/money.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

using calls::v1::CallDetails;
using events::v1::CallEvent;

constexpr int64_t kLongestTalk = 1'000'000'000;

struct Parties {
  std::string_view from;
  std::string_view to;
  std::string_view direction;
};

ProviderCall Start(const nlohmann::json& object, const Account& account, absl::Time asked_at, const Parties& names) {
  ProviderCall call;
  call.external_call_id = JsonText(object, "call_uuid");
  const std::string region = account.Setting(kDefaultRegion);
  call.from = PartyOf(JsonText(object, names.from), region).value_or("");
  call.to = PartyOf(JsonText(object, names.to), region).value_or("");
  call.event.set_source(events::v1::EVENT_SOURCE_RECONCILIATION);
  *call.event.mutable_received_at() = telephony::ToProto(asked_at);
  CallDetails* details = call.event.mutable_details();
  details->set_provider(std::string(kProviderName));
  details->set_provider_account_id(account.id);
  details->set_external_call_id(call.external_call_id);
  if (const std::string parent = JsonText(object, "parent_call_uuid"); !parent.empty()) {
    details->set_parent_call_id(telephony::CallIdOf(account.id, parent));
  }
  const calls::v1::CallDirection direction = MapDirection(JsonText(object, names.direction));
  if (direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(direction);
  if (!call.from.empty()) details->set_from(call.from);
  if (!call.to.empty()) details->set_to(call.to);
  return call;
}

// Without an offset the account's zone is not known.
std::optional<absl::Time> TimeOf(const nlohmann::json& object, std::string_view name) {
  return ParseWithOffset(JsonText(object, name));
}

}  // namespace

std::optional<ProviderCall> ReadLiveCall(const nlohmann::json& object, const Account& account, absl::Time asked_at) {
  ProviderCall call = Start(object, account, asked_at, {"from", "to", "direction"});
  if (call.external_call_id.empty()) return std::nullopt;
  const std::string status = JsonText(object, "call_status");
  const MappedStatus mapped = MapLiveStatus(status).value_or(
      MappedStatus{.type = events::v1::CALL_EVENT_TYPE_UPDATED, .status = {}, .hangup = {}, .error = {}});
  call.created_at = ParseUtc(JsonText(object, "session_start")).value_or(asked_at);
  call.event.set_type(mapped.type);
  call.event.set_status(mapped.status);
  // When the call came to where it is, nobody tells.
  *call.event.mutable_occurred_at() = telephony::ToProto(asked_at);
  if (!status.empty()) call.event.mutable_details()->set_provider_status(status);
  call.event.set_event_id(telephony::EventIdOf(account.id, "plivo.rest.live", {call.external_call_id, status}));
  return call;
}

std::optional<ProviderCall> ReadCallRecord(const nlohmann::json& object, const Account& account, absl::Time asked_at) {
  ProviderCall call = Start(object, account, asked_at, {"from_number", "to_number", "call_direction"});
  if (call.external_call_id.empty()) return std::nullopt;
  const std::optional<int64_t> talked = ParseInt(JsonText(object, "call_duration"));
  const std::string code = JsonText(object, "hangup_cause_code");
  const std::string name = JsonText(object, "hangup_cause_name");
  const std::string source = JsonText(object, "hangup_source");
  const MappedStatus mapped =
      MapCallEnd({.status = {},
                  .inbound = call.event.details().direction() == calls::v1::CALL_DIRECTION_INBOUND,
                  .dialed_leg = call.event.details().has_parent_call_id(),
                  .answered = talked.value_or(0) > 0,
                  .code = code,
                  .name = name,
                  .word = {},
                  .source = source});
  const absl::Time ended_at = TimeOf(object, "end_time").value_or(asked_at);
  call.created_at = TimeOf(object, "initiation_time").value_or(ended_at);

  CallEvent& event = call.event;
  event.set_type(mapped.type);
  event.set_status(mapped.status);
  *event.mutable_occurred_at() = telephony::ToProto(EndOfSecond(ended_at, asked_at));
  *event.mutable_hangup() = mapped.hangup;
  if (mapped.status == calls::v1::CALL_STATUS_FAILED) *event.mutable_error() = mapped.error;
  CallDetails* details = event.mutable_details();
  if (talked.has_value() && *talked >= 0 && *talked <= kLongestTalk) {
    *details->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*talked));
  }
  if (auto cost = telephony::ParseMoney(JsonText(object, "total_amount"), CurrencyOf(account)); cost.has_value()) {
    cost->set_micros(std::abs(cost->micros()));
    *details->mutable_cost() = *cost;
  }
  if (const std::string state = JsonText(object, "call_state"); !state.empty()) details->set_provider_status(state);
  if (const std::string room = JsonText(object, "conference_uuid"); !room.empty()) details->set_conference_id(room);
  event.set_event_id(telephony::EventIdOf(
      account.id, "plivo.rest.record",
      {call.external_call_id, code, JsonText(object, "call_duration"), JsonText(object, "total_amount")}));
  return call;
}

}  // namespace trunkline::providers::plivo
