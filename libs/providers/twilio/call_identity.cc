#include "libs/providers/twilio/call_identity.h"

#include <algorithm>

#include "libs/base/ids.h"
#include "libs/providers/twilio/hold_room.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::twilio {
namespace {

// Twilio's ids are two letters and 32 digits; a bound and plain characters are all that is relied on.
constexpr size_t kLongestSid = 64;

std::string SidOrEmpty(std::string_view text) {
  const bool plain = text.size() <= kLongestSid && std::all_of(text.begin(), text.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                     });
  return plain ? std::string(text) : std::string();
}

std::string CallIdOf(const Webhook& webhook, const std::string& sid) {
  return sid.empty() ? std::string() : telephony::CallIdOf(webhook.account_id, sid);
}

CallIdentity IdentifyParticipant(const Webhook& webhook) {
  CallIdentity identity;
  const bool ending = webhook.Get("CallSid").empty();
  const std::string_view label = webhook.Get(ending ? "ParticipantLabelEndingConference" : "ParticipantLabel");
  identity.external_call_id = SidOrEmpty(webhook.Get(ending ? "CallSidEndingConference" : "CallSid"));
  identity.call_id = IsUuid(label) ? std::string(label) : CallIdOf(webhook, identity.external_call_id);
  // The URL is the first participant's, whoever the webhook is about: the last resort.
  if (identity.call_id.empty()) identity.call_id = webhook.url_call_id;
  // That of a leg which a plan dialled names no call, but the room does.
  const std::string_view of_room = CallOfRoom(webhook.Get("FriendlyName"));
  if (identity.call_id.empty() && IsUuid(of_room)) identity.call_id = of_room;
  return identity;
}

CallIdentity Identify(const Webhook& webhook) {
  if (webhook.kind == WebhookKind::kConference) return IdentifyParticipant(webhook);
  CallIdentity identity;
  identity.external_call_id = SidOrEmpty(webhook.Get("CallSid"));
  const bool own_url = !webhook.url_call_id.empty() && !webhook.child_leg;
  identity.call_id = own_url ? webhook.url_call_id : CallIdOf(webhook, identity.external_call_id);
  const std::string parent_sid = SidOrEmpty(webhook.Get("ParentCallSid"));
  if (webhook.child_leg && !webhook.url_parent_id.empty()) {
    identity.parent_call_id = webhook.url_parent_id;
  } else {
    identity.parent_call_id = CallIdOf(webhook, parent_sid);
  }
  return identity;
}

}  // namespace

absl::StatusOr<CallIdentity> IdentifyCall(const Webhook& webhook) {
  CallIdentity identity = Identify(webhook);
  if (identity.call_id.empty()) return absl::InvalidArgumentError("the webhook names no call");
  return identity;
}

}  // namespace trunkline::providers::twilio
