#include "tools/provider-twin/twilio/call_form.h"

#include "libs/base/text.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

// Twilio guesses a place for numbers of North America; for most of them it knows no more than state and country.
void AddPlace(std::string_view who, bool is_customers_number, std::string_view number, Form& form) {
  if (!number.starts_with("+1")) {
    if (IsPhoneNumber(number)) form.emplace_back(Concat(who, "Country"), "");
    return;
  }
  form.emplace_back(Concat(who, "City"), is_customers_number ? "SAN FRANCISCO" : "");
  form.emplace_back(Concat(who, "State"), "CA");
  form.emplace_back(Concat(who, "Zip"), is_customers_number ? "94105" : "");
  form.emplace_back(Concat(who, "Country"), "US");
}

}  // namespace

Form CommonParameters(const Call& call, std::string_view status) {
  Form form;
  form.reserve(32);
  const bool inbound = call.direction == Direction::kInbound;
  AddPlace("Called", inbound, call.to, form);
  AddPlace("To", inbound, call.to, form);
  AddPlace("Caller", !inbound, call.from, form);
  AddPlace("From", !inbound, call.from, form);
  form.emplace_back("Called", call.to);
  form.emplace_back("To", call.to);
  form.emplace_back("Caller", call.from);
  form.emplace_back("From", call.from);
  form.emplace_back("Direction", ToText(call.direction));
  form.emplace_back("CallSid", call.sid);
  form.emplace_back("AccountSid", call.account_sid);
  form.emplace_back("CallStatus", status);
  form.emplace_back("ApiVersion", "2010-04-01");
  if (!call.parent_sid.empty()) form.emplace_back("ParentCallSid", call.parent_sid);
  if (!call.answered_by.empty()) form.emplace_back("AnsweredBy", call.answered_by);
  if (inbound) form.emplace_back("StirVerstat", "TN-Validation-Passed-A");
  return form;
}

Form StatusParameters(const Call& call, std::string_view status, absl::Time now) {
  Form form = CommonParameters(call, status);
  form.emplace_back("Timestamp", Rfc2822(now));
  form.emplace_back("SequenceNumber", Concat(call.sequence_number));
  form.emplace_back("CallbackSource", "call-progress-events");
  return form;
}

void AddFinalParameters(const Call& call, const Recording* recording, std::string_view base, Form& form) {
  form.emplace_back("CallDuration", Concat(call.duration_seconds));
  // Minutes, rounded up: what is billed.
  form.emplace_back("Duration", Concat((call.duration_seconds + 59) / 60));
  if (call.sip_code != 0) form.emplace_back("SipResponseCode", Concat(call.sip_code));
  if (recording == nullptr) return;
  form.emplace_back("RecordingUrl", RecordingUrl(*recording, base));
  form.emplace_back("RecordingSid", recording->sid);
  form.emplace_back("RecordingDuration", Concat(recording->duration_seconds));
}

Form RecordingParameters(const Recording& recording, std::string_view status, std::string_view base) {
  Form form = {
      {"AccountSid", recording.account_sid},
      {"CallSid", recording.call_sid},
      {"RecordingSid", recording.sid},
      {"RecordingUrl", RecordingUrl(recording, base)},
      {"RecordingStatus", std::string(status)},
      {"RecordingChannels", Concat(recording.wish.channels)},
      {"RecordingStartTime", Rfc2822(recording.started)},
      {"RecordingSource", recording.source},
      {"RecordingTrack", recording.wish.track},
      {"ErrorCode", "0"},
  };
  if (status == "completed") form.emplace_back("RecordingDuration", Concat(recording.duration_seconds));
  return form;
}

Form AsyncAmdParameters(const Call& call, absl::Duration took) {
  return {{"CallSid", call.sid},
          {"AccountSid", call.account_sid},
          {"AnsweredBy", call.answered_by},
          {"MachineDetectionDuration", Concat(absl::ToInt64Milliseconds(took))}};
}

}  // namespace trunkline::twin::twilio
