#include "tools/provider-twin/plivo/call.h"

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {
namespace {

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json ApiTimeOrNull(const std::optional<absl::Time>& time) {
  return time ? Json(LocalTimeWithOffset(*time)) : Json(nullptr);
}

}  // namespace

std::string_view ToText(Direction direction) { return direction == Direction::kInbound ? "inbound" : "outbound"; }

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
    case CallStatus::kTimeout:
      return "timeout";
    case CallStatus::kCanceled:
      return "cancel";
  }
  return "";
}

bool IsFinal(CallStatus status) { return status >= CallStatus::kCompleted; }

std::string RenderLiveCall(const Call& call) {
  Json json;
  json["api_id"] = NewCallUuid();
  json["call_status"] = call.dialled && call.status == CallStatus::kQueued ? "ringing" : ToText(call.status);
  json["call_uuid"] = call.uuid;
  json["caller_name"] = call.from;
  json["direction"] = ToText(call.direction);
  json["from"] = WireNumber(call.from);
  json["to"] = WireNumber(call.to);
  json["request_uuid"] = call.uuid;
  json["session_start"] = UtcTime(call.created);
  json["stir_verification"] = "Not Applicable";
  return WriteJson(json);
}

std::string RenderRecord(const Call& call) {
  Json json;
  json["answer_time"] = ApiTimeOrNull(call.answered);
  json["api_id"] = NewCallUuid();
  json["bill_duration"] = call.duration_seconds;
  json["billed_duration"] = BilledSeconds(call.duration_seconds);
  json["call_direction"] = ToText(call.direction);
  json["call_duration"] = call.duration_seconds;
  json["call_state"] = call.answered ? "ANSWER" : std::string(call.cause.word);
  json["call_uuid"] = call.uuid;
  json["conference_uuid"] = nullptr;
  json["end_time"] = ApiTimeOrNull(call.ended);
  json["from_number"] = call.from;
  json["hangup_cause_code"] = call.cause.code;
  json["hangup_cause_name"] = call.cause.name;
  json["hangup_source"] = call.cause.source;
  json["initiation_time"] = LocalTimeWithOffset(call.created);
  json["parent_call_uuid"] = TextOrNull(call.parent_uuid);
  json["resource_uri"] = Concat("/v1/Account/", call.auth_id, "/Call/", call.uuid, "/");
  // Records write numbers now with and now without '+'.
  json["to_number"] = WireNumber(call.to);
  json["total_amount"] = CostOf(call.duration_seconds);
  json["total_rate"] = "0.00850";
  return WriteJson(json);
}

}  // namespace trunkline::twin::plivo
