#include "libs/tracking/retreaver/call_reading.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/retreaver/account_settings.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::retreaver {
namespace {

using calls::v1::CallStatus;
using nlohmann::json;

// What the rules of the status look at.
struct StatusFacts {
  std::string word;  // lower case, '_' for '-'
  bool has_ended = false;
  std::optional<bool> connected;
  bool target_tried = false;
  bool forwarded = false;
  std::string hung_up_by;
  int64_t hold_seconds = 0;
  int64_t talk_seconds = 0;
};

// Words that the API does not have, but fixtures and templates do.
std::optional<CallStatus> DirectStatus(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, CallStatus>, 8> kWords = {{
      {"initiated", calls::v1::CALL_STATUS_INITIATED},
      {"ringing", calls::v1::CALL_STATUS_RINGING},
      {"answered", calls::v1::CALL_STATUS_ANSWERED},
      {"completed", calls::v1::CALL_STATUS_COMPLETED},
      {"busy", calls::v1::CALL_STATUS_BUSY},
      {"no_answer", calls::v1::CALL_STATUS_NO_ANSWER},
      {"failed", calls::v1::CALL_STATUS_FAILED},
      {"canceled", calls::v1::CALL_STATUS_CANCELED},
  }};
  const auto* found =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& known) { return known.first == word; });
  return found == kWords.end() ? std::nullopt : std::optional(found->second);
}

CallStatus EndedStatus(const StatusFacts& facts) {
  // Version 1 tells no `connected`.
  if (facts.connected.value_or(facts.talk_seconds > 0)) return calls::v1::CALL_STATUS_COMPLETED;
  if (facts.hung_up_by == "caller") return calls::v1::CALL_STATUS_ABANDONED;
  return facts.target_tried ? calls::v1::CALL_STATUS_NO_ANSWER : calls::v1::CALL_STATUS_MISSED;
}

CallStatus LiveStatus(const StatusFacts& facts) {
  if (facts.connected.value_or(false)) return calls::v1::CALL_STATUS_ANSWERED;
  if (facts.forwarded || facts.target_tried) return calls::v1::CALL_STATUS_RINGING;
  return facts.hold_seconds > 0 ? calls::v1::CALL_STATUS_QUEUED : calls::v1::CALL_STATUS_INITIATED;
}

// Nothing when the word is not known and the call has not ended: it keeps its status then.
std::optional<CallStatus> StatusOf(const StatusFacts& facts) {
  if (const auto direct = DirectStatus(facts.word); direct.has_value()) return direct;
  if (facts.word == "finished" || facts.has_ended) return EndedStatus(facts);
  return facts.word == "in_progress" ? std::optional(LiveStatus(facts)) : std::nullopt;
}

calls::v1::Hangup HangupOf(CallStatus status, std::string_view hung_up_by) {
  calls::v1::Hangup hangup;
  if (hung_up_by == "caller") hangup.set_source(calls::v1::HANGUP_SOURCE_CALLER);
  if (hung_up_by == "target") hangup.set_source(calls::v1::HANGUP_SOURCE_CALLEE);
  if (hangup.source() != calls::v1::HANGUP_SOURCE_UNSPECIFIED) hangup.set_cause(calls::v1::HANGUP_CAUSE_USER_HANGUP);
  if (status == calls::v1::CALL_STATUS_NO_ANSWER) hangup.set_cause(calls::v1::HANGUP_CAUSE_TIMEOUT);
  if (status == calls::v1::CALL_STATUS_BUSY) hangup.set_cause(calls::v1::HANGUP_CAUSE_BUSY);
  return hangup;
}

void ReadStatus(ObjectReader& reader, TrackedCall* call) {
  call->raw_status = reader.Text({"status"});
  StatusFacts facts;
  facts.word = Lower(call->raw_status.value.value_or(""));
  std::replace(facts.word.begin(), facts.word.end(), '-', '_');
  facts.has_ended = call->ended_at.has_value();
  if (reader.FindValue({"connected"}) != nullptr) facts.connected = reader.Flag({"connected"}).value;
  facts.target_tried = call->destination.has_value() || reader.FindValue({"dialed_number", "target_id"}) != nullptr;
  facts.forwarded = reader.FindValue({"forwarded_time"}) != nullptr;
  facts.hung_up_by = Lower(reader.Text({"hung_up_by"}).value.value_or(""));
  facts.hold_seconds = reader.Seconds({"hold_duration"}).value.value_or(0);
  facts.talk_seconds = call->talk_seconds.value.value_or(0);
  // A notification that leaves out whether anybody was reached does not tell how the call ended.
  const bool is_over = facts.word == "finished" || facts.has_ended;
  if (is_over && !reader.Tells({"connected", "dialed_call_duration"})) return;
  call->status = StatusOf(facts);
  if (call->status.has_value()) {
    call->hangup = HangupOf(*call->status, facts.hung_up_by);
  } else if (!facts.word.empty()) {
    reader.Remark(Remark::Kind::kUnknownStatus, *call->raw_status);
  }
}

// In versions 3 and 4 an object, `number` or `campaign`, with the value inside.
const json* ObjectIn(const json& call, std::string_view name) {
  const json* member = FindMember(call, name);
  return member != nullptr && member->is_object() ? member : nullptr;
}

void ReadNumbers(const json& object, ObjectReader& reader, TrackedCall* call) {
  reader.Caller({"caller", "caller_number"}, call);
  if (const json* number = ObjectIn(object, "number"); number != nullptr) {
    call->tracking_number = Told<std::string>::Maybe(ParsePhone(MemberText(*number, "number")));
    call->destination = reader.Phone({"dialed_number"});
  } else if (reader.FindValue({"number"}) != nullptr) {
    call->tracking_number = reader.Phone({"number"});
    call->destination = reader.Phone({"dialed_number"});
  } else {
    call->tracking_number = reader.Phone({"dialed_number"});
    call->destination = reader.Phone({"receiving_number"});
  }
}

void ReadAttribution(const json& object, ObjectReader& reader, TrackedCall* call) {
  call->campaign_id = reader.Text({"campaign_id", "system_campaign_id", "cid"});
  call->campaign_name = reader.Text({"campaign_name"});
  if (const json* campaign = ObjectIn(object, "campaign"); campaign != nullptr) {
    const auto id = ToText(MemberText(*campaign, "id"));
    if (id.has_value()) call->campaign_id = Told<std::string>::Of(*id);
    const auto name = ToText(MemberText(*campaign, "name"));
    if (name.has_value()) call->campaign_name = Told<std::string>::Of(*name);
  }
  call->campaign_key = reader.Text({"cid"});
  call->publisher_id = reader.Text({"afid", "system_affiliate_id"});
  call->publisher_name = reader.Text({"affiliate_name"});
  call->sub_id = reader.Text({"sid"});
  call->buyer_id = reader.Text({"target_id", "system_target_id"});
  call->buyer_name = reader.Text({"target_name"});
  call->upstream_id = reader.Text({"upstream_call_uuid"}).value.value_or("");
}

Told<absl::Time> AnsweredAt(ObjectReader& reader, const TrackedCall& call) {
  const bool connected = reader.FindValue({"connected"}) != nullptr ? reader.Flag({"connected"}).value.value_or(false)
                                                                    : call.talk_seconds.value.value_or(0) > 0;
  Told<absl::Time> named = reader.Time({"answered_at"});
  if (named.has_value()) return named;
  if (!connected) return reader.Tells({"connected", "dialed_call_duration"}) ? Told<absl::Time>::None() : named;
  std::optional<int64_t> wait = reader.Seconds({"time_to_connect_in_seconds"}).value;
  if (!wait.has_value()) {
    const auto menu = reader.Seconds({"ivr_duration"}).value;
    const auto hold = reader.Seconds({"hold_duration"}).value;
    if (menu.has_value() && hold.has_value()) wait = *menu + *hold;
  }
  if (wait.has_value() && call.started_at.has_value()) {
    return Told<absl::Time>::Of(*call.started_at + absl::Seconds(*wait));
  }
  return reader.Time({"forwarded_time"});
}

void ReadTimes(ObjectReader& reader, TrackedCall* call) {
  call->started_at = reader.Time({"start_time", "initiated_at", "created_at"});
  call->ended_at = reader.Time({"end_time", "completed_at"});
  call->updated_at = reader.Time({"updated_at"});
  call->duration_seconds = reader.Seconds({"total_duration", "duration"});
  call->talk_seconds = reader.Seconds({"dialed_call_duration"});
}

void ReadMoney(ObjectReader& reader, TrackedCall* call) {
  call->revenue = reader.Amount({"revenue"});
  call->payout = reader.Amount({"payout"});
  call->cost = reader.Amount({"total_cost", "charge_total"});
  call->converted = reader.Flag({"converted"});
}

void ReadTags(const json& object, TrackedCall* call) {
  for (const std::string_view name : {"tags", "tag_values"}) {
    const json* tags = FindMember(object, name);
    if (tags == nullptr || !tags->is_object()) continue;
    Tags read;
    AddTags(*tags, &read, &call->remarks);
    call->tags = Told<Tags>::Of(std::move(read));
    return;
  }
}

}  // namespace

absl::StatusOr<TrackedCall> ReadCall(const json& wrapped, Extent extent) {
  const json* inner = ObjectIn(wrapped, "call");
  const json& object = inner != nullptr ? *inner : wrapped;
  ObjectReader reader(object, extent);
  TrackedCall call;
  call.external_id = reader.Text({"uuid"}).value.value_or("");
  if (call.external_id.empty()) return absl::InvalidArgumentError("the call has no uuid");
  call.direction = Told<calls::v1::CallDirection>::Of(calls::v1::CALL_DIRECTION_INBOUND);
  ReadNumbers(object, reader, &call);
  ReadAttribution(object, reader, &call);
  ReadTimes(reader, &call);
  call.answered_at = AnsweredAt(reader, call);
  ReadMoney(reader, &call);
  call.recording_url = reader.Text({"recording_url"});
  ReadStatus(reader, &call);
  ReadTags(object, &call);
  for (Remark& remark : reader.TakeRemarks()) call.remarks.push_back(std::move(remark));
  Complete(&call);
  return call;
}

TrackedCall ReadParameters(const json& parameters, std::string_view external_id, NotifiedEvent event) {
  ObjectReader reader(parameters, Extent::kNotification);
  TrackedCall call;
  call.external_id = std::string(external_id);
  call.direction = Told<calls::v1::CallDirection>::Of(calls::v1::CALL_DIRECTION_INBOUND);
  reader.Caller({"caller_number", "caller_id", "caller"}, &call);
  call.tracking_number = reader.Phone({"called_number", "number"});
  call.campaign_key = reader.Text({"campaign_id", "cid"});
  call.publisher_id = reader.Text({"affiliate_id", "afid"});
  call.sub_id = reader.Text({"sub_id", "sid"});
  call.duration_seconds = reader.Seconds({"call_duration", "total_duration", "duration"});
  call.recording_url = reader.Text({"recording_url", "call_recording_url"});
  ReadMoney(reader, &call);
  // That the call ended says nothing of how, unless somebody was reached without doubt.
  if (event == NotifiedEvent::kEnded && call.converted.value.value_or(false)) {
    call.status = calls::v1::CALL_STATUS_COMPLETED;
  }
  call.remarks = reader.TakeRemarks();
  return call;
}

std::vector<EventWord> EventWords() {
  return {{"start", NotifiedEvent::kStarted},       {"selected", NotifiedEvent::kRinging},
          {"answered", NotifiedEvent::kAnswered},   {"ended", NotifiedEvent::kEnded},
          {"finished", NotifiedEvent::kEnded},      {"converted", NotifiedEvent::kConverted},
          {"recording", NotifiedEvent::kRecording}, {"updated", NotifiedEvent::kUpdated}};
}

PlatformReading Reading() {
  return {.platform = kPlatform,
          .version = 1,
          .words = EventWords(),
          .read_call = &ReadCall,
          .read_parameters = &ReadParameters};
}

}  // namespace trunkline::tracking::retreaver
