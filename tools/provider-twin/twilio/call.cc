#include "tools/provider-twin/twilio/call.h"

#include <algorithm>
#include <cstdio>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json Rfc2822OrNull(const std::optional<absl::Time>& time) { return time ? Json(Rfc2822(*time)) : Json(nullptr); }

// Connectivity is billed by the minute.
Json Price(const Call& call, bool price_ready) {
  if (!price_ready) return nullptr;
  const int64_t minutes = (call.duration_seconds + 59) / 60;
  char text[32];
  std::snprintf(text, sizeof text, "-%.5f", 0.014 * static_cast<double>(minutes));
  return text;
}

}  // namespace

std::string_view ToText(Direction direction) {
  switch (direction) {
    case Direction::kInbound:
      return "inbound";
    case Direction::kOutboundApi:
      return "outbound-api";
    case Direction::kOutboundDial:
      return "outbound-dial";
  }
  return "";
}

std::string_view ToText(CallStatus status) {
  switch (status) {
    case CallStatus::kQueued:
      return "queued";
    case CallStatus::kRinging:
      return "ringing";
    case CallStatus::kInProgress:
      return "in-progress";
    case CallStatus::kCompleted:
      return "completed";
    case CallStatus::kBusy:
      return "busy";
    case CallStatus::kFailed:
      return "failed";
    case CallStatus::kNoAnswer:
      return "no-answer";
    case CallStatus::kCanceled:
      return "canceled";
  }
  return "";
}

bool IsFinal(CallStatus status) { return status >= CallStatus::kCompleted; }

std::string RenderCall(const Call& call, bool price_ready) {
  const std::string uri = Concat("/2010-04-01/Accounts/", call.account_sid, "/Calls/", call.sid);
  Json json;
  json["date_updated"] = Rfc2822(call.updated);
  json["price_unit"] = "USD";
  json["parent_call_sid"] = TextOrNull(call.parent_sid);
  json["caller_name"] = nullptr;
  json["duration"] = call.ended && call.answered ? Json(Concat(call.duration_seconds)) : Json(nullptr);
  json["from"] = call.from;
  json["to"] = call.to;
  json["annotation"] = nullptr;
  json["answered_by"] = TextOrNull(call.answered_by);
  json["sid"] = call.sid;
  json["queue_time"] = Concat(absl::ToInt64Milliseconds(call.queue_time));
  json["price"] = Price(call, price_ready && call.answered);
  json["api_version"] = "2010-04-01";
  json["status"] = ToText(call.status);
  json["direction"] = ToText(call.direction);
  json["start_time"] = Rfc2822OrNull(call.started);
  json["date_created"] = Rfc2822(call.created);
  json["from_formatted"] = FormatNumber(call.from);
  json["group_sid"] = nullptr;
  json["trunk_sid"] = "";
  json["forwarded_from"] = nullptr;
  json["uri"] = Concat(uri, ".json");
  json["account_sid"] = call.account_sid;
  json["end_time"] = Rfc2822OrNull(call.ended);
  json["to_formatted"] = FormatNumber(call.to);
  json["phone_number_sid"] = nullptr;
  for (const std::string_view name :
       {"events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions",
        "user_defined_message_subscriptions", "user_defined_messages"}) {
    std::string last(name);
    // "/Recordings.json", but "/UserDefinedMessages.json": words in capitals, without the underscores.
    std::string camel;
    bool upper = true;
    for (const char c : last) {
      if (c == '_') {
        upper = true;
        continue;
      }
      camel.push_back(upper ? static_cast<char>(c - 'a' + 'A') : c);
      upper = false;
    }
    json["subresource_uris"][last] = Concat(uri, "/", camel, ".json");
  }
  return WriteJson(json);
}

}  // namespace trunkline::twin::twilio
