#include "libs/providers/sip/live_calls.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/call_book.h"
#include "libs/providers/sip/call_id.h"
#include "libs/providers/sip/parties.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::sip {
namespace {

constexpr int kRinging = 5;
constexpr int kUp = 6;

// "01:02:03"
absl::Duration AgeOf(std::string_view text) {
  absl::Duration age;
  for (const std::string_view part : Split(text, ':')) {
    const auto number = ParseInt(part);
    if (!number.has_value() || *number < 0 || *number > 1'000'000) return absl::ZeroDuration();
    age = age * 60 + absl::Seconds(*number);
  }
  return age;
}

struct LegGroup {
  const ami::Message* first = nullptr;  // the channel that gave the call its id, while it is there
  std::vector<const ami::Message*> channels;
};

events::v1::CallEventType TypeOf(calls::v1::CallStatus status) {
  if (status == calls::v1::CALL_STATUS_ANSWERED) return events::v1::CALL_EVENT_TYPE_ANSWERED;
  if (status == calls::v1::CALL_STATUS_RINGING) return events::v1::CALL_EVENT_TYPE_RINGING;
  return events::v1::CALL_EVENT_TYPE_INITIATED;
}

// What the channels' states amount to. The first channel of a call that comes in is up when the dialplan answers, which
// nobody is yet.
calls::v1::CallStatus StatusOfCall(const LegGroup& group, std::string_view key, bool inbound) {
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_INITIATED;
  for (const ami::Message* channel : group.channels) {
    const Leg leg = LegOf(*channel);
    if (!leg.real || (inbound && leg.uniqueid == key)) continue;
    if (leg.state == kUp) return calls::v1::CALL_STATUS_ANSWERED;
    if (leg.state == kRinging) status = calls::v1::CALL_STATUS_RINGING;
  }
  return status;
}

}  // namespace

Leg LegOf(const ami::Message& channel) {
  return {.channel = std::string(channel.Known("Channel")),
          .uniqueid = std::string(channel.Known("Uniqueid")),
          .linkedid = std::string(channel.Known("Linkedid")),
          .number = std::string(channel.Known("CallerIDNum")),
          .context = std::string(channel.Known("Context")),
          .bridge_id = std::string(channel.Known("BridgeId")),
          .age = AgeOf(channel.Get("Duration")),
          .state = static_cast<int>(std::clamp<int64_t>(ParseInt(channel.Get("ChannelState")).value_or(0), 0, 100)),
          .real = !IsPlumbing(channel.Get("Channel"))};
}

std::vector<Leg> LegsOf(const std::vector<ami::Message>& channels, std::string_view external_call_id) {
  std::vector<Leg> legs;
  for (const ami::Message& channel : channels) {
    Leg leg = LegOf(channel);
    if (leg.linkedid == external_call_id || leg.uniqueid == external_call_id) legs.push_back(std::move(leg));
  }
  return legs;
}

std::vector<ProviderCall> LiveCallsOf(const std::vector<ami::Message>& channels, const Account& account,
                                      absl::Time now) {
  std::map<std::string, LegGroup> groups;
  for (const ami::Message& channel : channels) {
    const std::string linkedid(channel.Known("Linkedid"));
    if (linkedid.empty()) continue;
    LegGroup& group = groups[linkedid];
    group.channels.push_back(&channel);
    if (channel.Known("Uniqueid") == linkedid) group.first = &channel;
  }
  const std::string region = account.Setting("default_region");
  const std::string extensions = account.Setting("extensions");
  std::vector<ProviderCall> calls;
  for (const auto& [key, group] : groups) {
    const ami::Message& leading = group.first != nullptr ? *group.first : *group.channels.front();
    const bool ours = IsUuid(key);
    const bool dialed = ours || leading.Get("Application").starts_with("AppDial");
    const bool inbound = !dialed && !IsOwnExtension(extensions, leading.Known("CallerIDNum"));

    ProviderCall call;
    call.external_call_id = ToStorableText(key);
    if (ours) call.call_id = key;
    absl::Duration age;
    for (const ami::Message* channel : group.channels) age = std::max(age, AgeOf(channel->Get("Duration")));
    call.created_at = now - age;
    const std::string_view to = dialed ? leading.Known("ConnectedLineNum") : leading.Known("Exten");
    if (!ours) {
      call.from = PartyOf(leading.Known("CallerIDNum"), region).value_or("");
      call.to = PartyOf(to, region).value_or("");
    }

    const calls::v1::CallStatus status = StatusOfCall(group, key, inbound);
    call.event.set_event_id(
        telephony::EventIdOf(account.id, Concat(kProviderName, ".live"),
                             {key, calls::v1::CallStatus_Name(status), Concat(absl::ToUnixMicros(now))}));
    call.event.set_type(TypeOf(status));
    call.event.set_status(status);
    call.event.set_source(events::v1::EVENT_SOURCE_RECONCILIATION);
    *call.event.mutable_occurred_at() = telephony::ToProto(now);
    *call.event.mutable_received_at() = telephony::ToProto(now);
    calls::v1::CallDetails* details = call.event.mutable_details();
    details->set_provider(std::string(kProviderName));
    details->set_provider_account_id(account.id);
    details->set_external_call_id(call.external_call_id);
    details->set_direction(inbound ? calls::v1::CALL_DIRECTION_INBOUND : calls::v1::CALL_DIRECTION_OUTBOUND);
    if (!call.from.empty()) details->set_from(call.from);
    if (!call.to.empty()) details->set_to(call.to);
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace trunkline::providers::sip
