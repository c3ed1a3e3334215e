#include "tools/provider-twin/exotel/call.h"

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/exotel/wire_format.h"

namespace trunkline::twin::exotel {
namespace {

Json TextOrNull(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }
Json LocalTimeOrNull(const std::optional<absl::Time>& time) { return time ? Json(LocalTime(*time)) : Json(nullptr); }

}  // namespace

std::string RenderCall(const Call& call, bool settled, bool with_details, std::string_view public_url) {
  const bool talked = call.talk_seconds > 0;
  Json json;
  json["Sid"] = call.sid;
  json["ParentCallSid"] = nullptr;
  json["DateCreated"] = LocalTime(call.created);
  json["DateUpdated"] = LocalTime(call.updated);
  json["AccountSid"] = call.account_sid;
  json["To"] = TextOrNull(National(call.to));
  json["From"] = National(call.from);
  json["PhoneNumberSid"] = National(call.exophone);
  json["Status"] = call.status == "queued" ? "in-progress" : call.status;
  json["StartTime"] = LocalTime(call.started.value_or(call.created));
  json["EndTime"] = settled ? LocalTimeOrNull(call.ended) : Json(nullptr);
  json["Duration"] = settled ? Json(Concat(call.leg1_seconds)) : Json(nullptr);
  json["Price"] = settled ? Json(talked ? "1.500" : "0.000") : Json(nullptr);
  json["Direction"] = call.inbound ? "inbound" : "outbound-api";
  json["AnsweredBy"] = nullptr;
  json["ForwardedFrom"] = nullptr;
  json["CallerName"] = nullptr;
  json["Uri"] = Concat("/v1/Accounts/", call.account_sid, "/Calls.json/", call.sid);
  json["RecordingUrl"] = settled && call.record && talked
                             ? Json(Concat(public_url, "/twin-exotel-recordings/", call.sid, ".mp3"))
                             : Json(nullptr);
  if (with_details) {
    json["Details"] = {{"ConversationDuration", call.talk_seconds},
                       {"Leg1Status", TextOrNull(call.leg1)},
                       {"Leg2Status", TextOrNull(call.leg2)},
                       {"Legs",
                        {{{"Leg", {{"Id", 1}, {"OnCallDuration", call.leg1_seconds}}}},
                         {{"Leg", {{"Id", 2}, {"OnCallDuration", call.talk_seconds}}}}}}};
  }
  return WriteJson(json);
}

}  // namespace trunkline::twin::exotel
