#include "libs/providers/twilio/rest_call.h"

#include <cstdlib>
#include <string>

#include "libs/base/text.h"
#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/rest_answer.h"
#include "libs/providers/twilio/status_mapping.h"
#include "libs/providers/twilio/webhook_time.h"
#include "libs/providers/twilio/webhook_urls.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/money.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {
namespace {

using calls::v1::CallDetails;
using events::v1::CallEvent;

constexpr int64_t kLongestTalk = 1'000'000'000;

std::optional<MappedStatus> StatusOfCall(const nlohmann::json& object) {
  StatusContext context;
  context.inbound = MapDirection(JsonText(object, "direction")) == calls::v1::CALL_DIRECTION_INBOUND;
  context.child_leg = !JsonText(object, "parent_call_sid").empty();
  return MapCallStatus(JsonText(object, "status"), context);
}

// When the call came to its status, as nearly as Twilio tells.
absl::Time OccurredAt(const nlohmann::json& object, calls::v1::CallStatus status, absl::Time asked_at) {
  const char* first = "date_updated";
  if (telephony::IsEnded(status)) first = "end_time";
  if (status == calls::v1::CALL_STATUS_ANSWERED) first = "start_time";
  for (const char* name : {first, "date_updated", "date_created"}) {
    if (const auto time = ParseRfc2822(JsonText(object, name)); time.has_value()) return *time;
  }
  return asked_at;
}

// Twilio's prices are what the account loses.
std::optional<calls::v1::Money> CostOf(const nlohmann::json& object) {
  std::optional<calls::v1::Money> cost =
      telephony::ParseMoney(JsonText(object, "price"), JsonText(object, "price_unit"));
  if (cost.has_value()) cost->set_micros(std::abs(cost->micros()));
  return cost;
}

void SetDetails(const nlohmann::json& object, const Account& account, const ProviderCall& call, CallDetails* details) {
  details->set_provider(std::string(kProviderName));
  details->set_provider_account_id(account.id);
  details->set_external_call_id(call.external_call_id);
  if (const std::string parent = JsonText(object, "parent_call_sid"); !parent.empty()) {
    details->set_parent_call_id(telephony::CallIdOf(account.id, parent));
  }
  const calls::v1::CallDirection direction = MapDirection(JsonText(object, "direction"));
  if (direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(direction);
  if (!call.from.empty()) details->set_from(call.from);
  if (!call.to.empty()) details->set_to(call.to);
  if (const std::string name = JsonText(object, "caller_name"); !name.empty()) details->set_caller_name(name);
  const auto forwarded = telephony::ToParty(JsonText(object, "forwarded_from"));
  if (forwarded.has_value()) details->set_forwarded_from(*forwarded);
  const calls::v1::AnsweredBy answered_by = MapAnsweredBy(JsonText(object, "answered_by"));
  if (answered_by != calls::v1::ANSWERED_BY_UNSPECIFIED) details->set_answered_by(answered_by);
  if (const auto cost = CostOf(object); cost.has_value()) *details->mutable_cost() = *cost;
  const std::optional<int64_t> talked = ParseInt(JsonText(object, "duration"));
  if (talked.has_value() && *talked >= 0 && *talked <= kLongestTalk) {
    *details->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*talked));
  }
  if (const std::string status = JsonText(object, "status"); !status.empty()) details->set_provider_status(status);
}

}  // namespace

std::optional<ProviderCall> ReadCall(const nlohmann::json& object, const Account& account, absl::Time asked_at) {
  ProviderCall call;
  call.external_call_id = JsonText(object, "sid");
  if (call.external_call_id.empty()) return std::nullopt;
  const std::string region = account.Setting(kDefaultRegion);
  call.from = telephony::ToParty(JsonText(object, "from"), region).value_or("");
  call.to = telephony::ToParty(JsonText(object, "to"), region).value_or("");

  const MappedStatus status = StatusOfCall(object).value_or(
      MappedStatus{.type = events::v1::CALL_EVENT_TYPE_UPDATED, .status = {}, .hangup = {}});
  const absl::Time occurred_at = OccurredAt(object, status.status, asked_at);
  call.created_at = ParseRfc2822(JsonText(object, "date_created")).value_or(occurred_at);

  CallEvent& event = call.event;
  event.set_type(status.type);
  event.set_status(status.status);
  event.set_source(events::v1::EVENT_SOURCE_RECONCILIATION);
  *event.mutable_occurred_at() = telephony::ToProto(occurred_at);
  *event.mutable_received_at() = telephony::ToProto(asked_at);
  if (telephony::IsEnded(status.status)) *event.mutable_hangup() = status.hangup;
  if (status.status == calls::v1::CALL_STATUS_FAILED) *event.mutable_error() = ErrorOfFailedCall(0, 0, {});
  SetDetails(object, account, call, event.mutable_details());
  // The price becomes known some time after the end, and is a fact of its own then.
  event.set_event_id(
      telephony::EventIdOf(account.id, "twilio.rest",
                           {call.external_call_id, JsonText(object, "status"), JsonText(object, "duration"),
                            JsonText(object, "price"), JsonText(object, "answered_by")}));
  return call;
}

}  // namespace trunkline::providers::twilio
