#include "tools/provider-twin/plivo/webhook_form.h"

#include "libs/base/text.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {

Form CommonParameters(const Call& call, std::string_view event) {
  Form form = {{"CallUUID", call.uuid},
               {"From", WireNumber(call.from)},
               {"To", WireNumber(call.to)},
               {"Direction", std::string(ToText(call.direction))},
               {"CallStatus", std::string(ToText(call.status))},
               {"BillRate", "0.00850"},
               {"ParentAuthID", call.auth_id},
               {"SessionStart", UtcTime(call.started.value_or(call.created))},
               {"STIRVerification", "Not Applicable"}};
  if (!event.empty()) form.emplace_back("Event", event);
  if (call.direction == Direction::kInbound) {
    form.emplace_back("CallerName", call.from);
  } else {
    for (const char* name : {"RequestUUID", "ALegUUID", "ALegRequestUUID"}) form.emplace_back(name, call.uuid);
  }
  return form;
}

Form HangupParameters(const Call& call) {
  Form form = CommonParameters(call, "Hangup");
  form.emplace_back("Duration", Concat(call.duration_seconds));
  form.emplace_back("BillDuration", Concat(BilledSeconds(call.duration_seconds)));
  form.emplace_back("TotalCost", CostOf(call.duration_seconds));
  form.emplace_back("StartTime", LocalTime(call.started.value_or(call.created)));
  if (call.answered) form.emplace_back("AnswerTime", LocalTime(*call.answered));
  if (call.ended) form.emplace_back("EndTime", LocalTime(*call.ended));
  form.emplace_back("HangupCause", call.cause.word);
  form.emplace_back("HangupCauseCode", Concat(call.cause.code));
  form.emplace_back("HangupCauseName", call.cause.name);
  form.emplace_back("HangupSource", call.cause.source);
  return form;
}

Form RecordingParameters(const Call& call, const Recording& recording, std::string_view base) {
  Form form = {{"CallUUID", call.uuid},
               {"Direction", std::string(ToText(call.direction))},
               {"From", WireNumber(call.from)},
               {"To", WireNumber(call.to)},
               {"Event", recording.running ? "RecordStart" : "RecordStop"},
               {"RecordUrl", RecordingUrl(recording, base)},
               {"RecordingID", recording.uuid},
               {"RecordingStartMs", Concat(absl::ToUnixMillis(recording.started))}};
  const int64_t length = recording.running ? -1 : recording.duration_ms;
  form.emplace_back("RecordingDurationMs", Concat(length));
  form.emplace_back("RecordingDuration", Concat(length < 0 ? -1 : (length + 999) / 1000));
  form.emplace_back("RecordingEndMs", Concat(recording.running ? -1 : absl::ToUnixMillis(recording.ended)));
  return form;
}

Form DialEventParameters(const Call& parent, const Call& leg, std::string_view action) {
  const std::string_view event =
      action == "answer" ? "DialAnswer" : (action == "connected" ? "DialConnected" : "DialHangup");
  Form form = {{"CallUUID", parent.uuid},
               {"CallStatus", std::string(ToText(parent.status))},
               {"Direction", std::string(ToText(parent.direction))},
               {"From", WireNumber(parent.from)},
               {"To", WireNumber(parent.to)},
               {"Event", std::string(event)},
               {"DialAction", std::string(action)},
               {"DialALegUUID", parent.uuid},
               {"DialBLegUUID", leg.uuid},
               {"DialBLegFrom", WireNumber(leg.from)},
               {"DialBLegTo", WireNumber(leg.to)},
               {"DialBLegStatus", std::string(action)}};
  if (action != "hangup") return form;
  form.emplace_back("DialBLegDuration", Concat(leg.duration_seconds));
  form.emplace_back("DialBLegBillDuration", Concat(BilledSeconds(leg.duration_seconds)));
  form.emplace_back("DialBLegHangupCause", leg.cause.word);
  form.emplace_back("DialBLegHangupCauseCode", Concat(leg.cause.code));
  form.emplace_back("DialBLegHangupCauseName", leg.cause.name);
  form.emplace_back("DialBLegHangupSource", leg.cause.source);
  return form;
}

Form ConferenceParameters(const Call& call, std::string_view room, std::string_view room_uuid,
                          std::string_view member_id, std::string_view action) {
  return {{"CallUUID", call.uuid},
          {"CallStatus", std::string(ToText(call.status))},
          {"Direction", std::string(ToText(call.direction))},
          {"From", WireNumber(call.from)},
          {"To", WireNumber(call.to)},
          {"Event", action == "enter" ? "ConferenceEnter" : "ConferenceExit"},
          {"ConferenceAction", std::string(action)},
          {"ConferenceName", std::string(room)},
          {"ConferenceUUID", std::string(room_uuid)},
          {"ConferenceMemberID", std::string(member_id)}};
}

}  // namespace trunkline::twin::plivo
