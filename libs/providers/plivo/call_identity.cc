#include "libs/providers/plivo/call_identity.h"

#include <algorithm>

#include "libs/providers/plivo/party.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::plivo {
namespace {

// Plivo's ids are UUIDs; a bound and plain characters are all that is relied on.
constexpr size_t kLongestId = 64;

std::string IdOrEmpty(std::string_view text) {
  const bool plain = text.size() <= kLongestId && std::all_of(text.begin(), text.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
                     });
  return plain ? std::string(text) : std::string();
}

std::string CallIdOf(const Webhook& webhook, const std::string& uuid) {
  return uuid.empty() ? std::string() : telephony::CallIdOf(webhook.account_id, uuid);
}

std::string FirstId(const Webhook& webhook, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (std::string id = IdOrEmpty(webhook.Get(name)); !id.empty()) return id;
  }
  return {};
}

CallIdentity IdentifyCaller(const Webhook& webhook) {
  CallIdentity identity;
  // Transcriptions write it in lower case.
  identity.external_call_id = FirstId(webhook, {"CallUUID", "call_uuid"});
  // The webhooks of a multi-party call may all go to the URL of whoever came first: the participant is this call only
  // where nothing else says which call it is.
  if (identity.external_call_id.empty() && webhook.url_call_id.empty()) {
    identity.external_call_id = IdOrEmpty(webhook.Get("ParticipantCallUUID"));
  }
  if (!webhook.url_call_id.empty()) {
    identity.call_id = webhook.url_call_id;
  } else if (const auto to = PartyOf(webhook.Get("To")); !webhook.url_bulk_id.empty() && to.has_value()) {
    identity.call_id = telephony::CallIdOfBulk(webhook.url_bulk_id, *to);
  } else {
    identity.call_id = CallIdOf(webhook, identity.external_call_id);
  }
  identity.parent_call_id = CallIdOf(webhook, IdOrEmpty(webhook.Get("ParentCallUUID")));
  return identity;
}

CallIdentity Identify(const Webhook& webhook) {
  CallIdentity caller = IdentifyCaller(webhook);
  const std::string leg = IdOrEmpty(webhook.Get("DialBLegUUID"));
  // Keys that are pressed during the connection belong to the call that dialled.
  const bool of_leg = webhook.kind == WebhookKind::kDialEvents && !leg.empty() && webhook.Get("DialAction") != "digits";
  if (!of_leg || leg == caller.external_call_id) return caller;
  CallIdentity identity;
  identity.external_call_id = leg;
  identity.call_id = CallIdOf(webhook, leg);
  identity.parent_call_id = caller.call_id;
  identity.is_dialed_leg = true;
  return identity;
}

}  // namespace

absl::StatusOr<CallIdentity> IdentifyCall(const Webhook& webhook) {
  CallIdentity identity = Identify(webhook);
  if (identity.call_id.empty()) return absl::InvalidArgumentError("the webhook names no call");
  return identity;
}

}  // namespace trunkline::providers::plivo
