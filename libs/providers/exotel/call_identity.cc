#include "libs/providers/exotel/call_identity.h"

#include <algorithm>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::exotel {
namespace {

constexpr std::string_view kCallMark = "trunkline:call:";
constexpr std::string_view kBulkMark = "trunkline:bulk:";
constexpr size_t kUuidLength = 36;
// 32 characters, usually but not always hexadecimal; a bound and plain characters are all that is relied on.
constexpr size_t kLongestSid = 64;

struct Bulk {
  std::string id;
  std::string exophone;
};

Bulk BulkOf(const Webhook& webhook) {
  if (!webhook.url_bulk_id.empty()) return {webhook.url_bulk_id, {}};
  std::string_view field = webhook.Get("CustomField");
  if (!field.starts_with(kBulkMark)) return {};
  field.remove_prefix(kBulkMark.size());
  const std::string_view id = field.substr(0, kUuidLength);
  if (!IsUuid(id) || field.size() <= kUuidLength || field[kUuidLength] != ':') return {};
  return {std::string(id), std::string(field.substr(kUuidLength + 1))};
}

// The number that a bulk dialled, E.164.
std::string DialedNumber(const Webhook& webhook, const Bulk& bulk) {
  const auto party = [&](std::string_view name) { return PartyOf(webhook.Get(name), webhook.rules).value_or(""); };
  if (webhook.kind == WebhookKind::kCampaignCall) return party("number");
  if (webhook.kind == WebhookKind::kCampaignNumber) return party("to");
  const std::string from = party(webhook.Has("CallFrom") ? "CallFrom" : "From");
  std::string to = party(webhook.Has("CallTo") ? "CallTo" : "To");
  if (bulk.exophone.empty()) return to;
  return from == bulk.exophone ? to : from;
}

// The last of a campaign's attempts at a number.
std::string LastOfCallSids(const Webhook& webhook) {
  std::string sid;
  for (const auto& [name, value] : webhook.parameters) {
    if (name.starts_with("call_sids")) sid = SidOrEmpty(value);
  }
  return sid;
}

std::string ExternalIdOf(const Webhook& webhook) {
  switch (webhook.kind) {
    case WebhookKind::kCampaignCall:
      return SidOrEmpty(webhook.Get("call_sid"));
    case WebhookKind::kCampaignNumber:
      return LastOfCallSids(webhook);
    case WebhookKind::kCampaign:
      return {};
    default:
      return SidOrEmpty(webhook.Get("CallSid"));
  }
}

}  // namespace

absl::StatusOr<CallIdentity> IdentifyCall(const Webhook& webhook) {
  CallIdentity identity;
  if (webhook.kind == WebhookKind::kCampaign) {
    identity.call_id = telephony::CallIdOf(webhook.account_id, Concat("campaign:", webhook.Get("campaign_sid")));
    return identity;
  }
  identity.external_call_id = ExternalIdOf(webhook);
  identity.call_id = webhook.url_call_id;
  if (identity.call_id.empty()) identity.call_id = CallIdOfCustomField(webhook.Get("CustomField"));
  if (identity.call_id.empty()) {
    const Bulk bulk = BulkOf(webhook);
    const std::string number = bulk.id.empty() ? std::string() : DialedNumber(webhook, bulk);
    if (!number.empty()) identity.call_id = telephony::CallIdOfBulk(bulk.id, number);
  }
  identity.placed_by_us = !identity.call_id.empty();
  if (identity.call_id.empty() && !identity.external_call_id.empty()) {
    identity.call_id = telephony::CallIdOf(webhook.account_id, identity.external_call_id);
  }
  if (identity.call_id.empty()) return absl::InvalidArgumentError("the webhook names no call");
  return identity;
}

std::string CustomFieldOfCall(std::string_view call_id) { return Concat(kCallMark, call_id); }

std::string CustomFieldOfBulk(std::string_view bulk_id, std::string_view exophone) {
  return Concat(kBulkMark, bulk_id, ":", exophone);
}

std::string CallIdOfCustomField(std::string_view custom_field) {
  if (!custom_field.starts_with(kCallMark)) return {};
  custom_field.remove_prefix(kCallMark.size());
  return IsUuid(custom_field) ? std::string(custom_field) : std::string();
}

std::string SidOrEmpty(std::string_view text) {
  const bool plain = text.size() <= kLongestSid && std::all_of(text.begin(), text.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                     });
  return plain ? std::string(text) : std::string();
}

}  // namespace trunkline::providers::exotel
