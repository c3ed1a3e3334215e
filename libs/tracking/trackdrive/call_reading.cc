#include "libs/tracking/trackdrive/call_reading.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/trackdrive/account_settings.h"
#include "libs/tracking/trackdrive/call_status.h"

namespace trunkline::tracking::trackdrive {
namespace {

using nlohmann::json;

constexpr std::string_view kTokenPrefix = "token-";

// Some words say whether anybody was reached only together with what notifications leave out.
bool IsGuess(const ObjectReader& reader, std::string_view word) {
  const std::string lower = Lower(word);
  return (lower.empty() || lower == "finished" || lower == "caller-hung-up") &&
         !reader.Tells({"connected_to", "answered_duration"});
}

void SetStatus(ObjectReader& reader, TrackedCall* call) {
  const bool has_talked = call->talk_seconds.value.value_or(0) > 0;
  const bool agent_talked = reader.Seconds({"agent_duration"}).value.value_or(0) > 0;
  call->raw_status = reader.Text({"status"});
  const std::string word = call->raw_status.value.value_or("");
  if ((word.empty() && !call->ended_at.has_value()) || IsGuess(reader, word)) return;
  const StatusReading read = ReadStatus({.word = word,
                                         .has_ended = call->ended_at.has_value(),
                                         .is_connected = call->destination.has_value() || has_talked || agent_talked,
                                         .has_talked = has_talked});
  call->status = read.status;
  call->hangup = read.hangup;
  call->voicemail = Told<bool>::Of(read.voicemail);
  if (!read.is_known) reader.Remark(Remark::Kind::kUnknownStatus, word);
}

// Nobody tells when a call was answered, but how long it lasted from there.
Told<absl::Time> AnsweredAt(const ObjectReader& reader, const TrackedCall& call) {
  if (!reader.Tells({"answered_duration"})) return {};
  if (call.ended_at.has_value() && call.talk_seconds.value.value_or(0) > 0) {
    return Told<absl::Time>::Of(*call.ended_at - absl::Seconds(*call.talk_seconds));
  }
  return Told<absl::Time>::None();
}

void ReadNumbers(ObjectReader& reader, TrackedCall* call) {
  reader.Caller({"caller_number"}, call);
  call->tracking_number = reader.Phone({"number_called", "called_number"});
  call->destination = reader.Phone({"connected_to"});
  if (!reader.Tells({"category"})) return;
  const std::string category = Lower(reader.Text({"category"}).value.value_or(""));
  call->direction = Told<calls::v1::CallDirection>::Of(category == "outbound" ? calls::v1::CALL_DIRECTION_OUTBOUND
                                                                              : calls::v1::CALL_DIRECTION_INBOUND);
}

void ReadAttribution(ObjectReader& reader, TrackedCall* call) {
  call->campaign_id = reader.Text({"offer_id"});
  call->campaign_key = reader.Text({"user_offer_id"});
  call->campaign_name = reader.Text({"offer"});
  call->publisher_id = reader.Text({"traffic_source_id"});
  call->publisher_name = reader.Text({"traffic_source"});
  call->sub_id = reader.Text({"sub_id"});
  call->buyer_id = reader.Text({"buyer_id"});
  call->buyer_name = reader.Text({"buyer"});
}

void ReadTimes(ObjectReader& reader, TrackedCall* call) {
  call->started_at = reader.Time({"created_at"});
  call->ended_at = reader.Time({"ended_at"});
  call->updated_at = reader.Time({"updated_at"});
  call->deleted_at = reader.Time({"deleted_at"});
  call->duration_seconds = reader.Seconds({"total_duration", "duration"});
  call->talk_seconds = reader.Seconds({"answered_duration"});
}

void ReadMoney(ObjectReader& reader, TrackedCall* call) {
  call->revenue = reader.Amount({"revenue", "buyer_revenue"});
  call->payout = reader.Amount({"payout", "traffic_source_payout"});
  const Told<int64_t> platform = reader.Amount({"trackdrive_cost"});
  const Told<int64_t> carrier = reader.Amount({"provider_cost"});
  call->cost.is_told = platform.is_told || carrier.is_told;
  if (platform.has_value() || carrier.has_value()) {
    call->cost.value = platform.value.value_or(0) + carrier.value.value_or(0);
  }
  const Told<bool> buyer = reader.Flag({"buyer_converted"});
  const Told<bool> source = reader.Flag({"traffic_source_converted", "offer_converted"});
  if (buyer.is_told || source.is_told) {
    call->converted = Told<bool>::Of(buyer.value.value_or(false) || source.value.value_or(false));
  }
}

// token_values is an object, or one that was rendered as text.
void ReadTags(const json& object, Extent extent, TrackedCall* call) {
  Tags tags;
  bool told = extent == Extent::kRecord;
  for (const std::string_view name : {"token_values", "post_call_tokens"}) {
    const json* values = FindMember(object, name);
    if (values == nullptr) continue;
    told = true;
    const std::optional<json> rendered = values->is_string() ? ParseExactJson(TextOf(*values)) : std::nullopt;
    AddTags(rendered.has_value() ? *rendered : *values, &tags, &call->remarks);
  }
  for (const auto& [name, value] : object.items()) {
    if (!std::string_view(name).starts_with(kTokenPrefix)) continue;
    told = true;
    AddTag(std::string_view(name).substr(kTokenPrefix.size()), value, &tags, &call->remarks);
  }
  if (call->sub_id.has_value()) AddTag("sub_id", json(*call->sub_id), &tags, &call->remarks);
  if (told) call->tags = Told<Tags>::Of(std::move(tags));
}

}  // namespace

absl::StatusOr<TrackedCall> ReadCall(const json& wrapped, Extent extent) {
  const json* inner = FindMember(wrapped, "call");
  const json& object = inner != nullptr && inner->is_object() ? *inner : wrapped;
  ObjectReader reader(object, extent);
  TrackedCall call;
  call.external_id = reader.Text({"uuid", "call_uuid", "id"}).value.value_or("");
  if (!object.is_object() || call.external_id.empty())
    return absl::InvalidArgumentError("the call has no uuid and no id");
  ReadNumbers(reader, &call);
  ReadAttribution(reader, &call);
  ReadTimes(reader, &call);
  call.answered_at = AnsweredAt(reader, call);
  ReadMoney(reader, &call);
  call.recording_url = reader.Text({"recording_url"});
  call.status_reason = reader.Text({"hangup_cause", "hangup_reason"});
  SetStatus(reader, &call);
  ReadTags(object, extent, &call);
  for (Remark& remark : reader.TakeRemarks()) call.remarks.push_back(std::move(remark));
  Complete(&call);
  return call;
}

TrackedCall ReadParameters(const json& parameters, std::string_view external_id, NotifiedEvent) {
  ObjectReader reader(parameters, Extent::kNotification);
  TrackedCall call;
  call.external_id = std::string(external_id);
  reader.Caller({"caller_number", "caller_id"}, &call);
  call.tracking_number = reader.Phone({"number_called", "called_number"});
  call.destination = reader.Phone({"connected_to"});
  ReadAttribution(reader, &call);
  call.duration_seconds = reader.Seconds({"total_duration", "duration"});
  call.talk_seconds = reader.Seconds({"answered_duration"});
  ReadMoney(reader, &call);
  call.recording_url = reader.Text({"recording_url"});
  SetStatus(reader, &call);
  call.remarks = reader.TakeRemarks();
  return call;
}

std::vector<EventWord> EventWords() {
  return {{"new_call", NotifiedEvent::kStarted},         {"call_ringing", NotifiedEvent::kRinging},
          {"call_forwarded", NotifiedEvent::kUpdated},   {"buyer_answered", NotifiedEvent::kAnswered},
          {"call_ended", NotifiedEvent::kEnded},         {"call_changed", NotifiedEvent::kUpdated},
          {"call_converted", NotifiedEvent::kConverted}, {"call_recording", NotifiedEvent::kRecording},
          {"new_lead", NotifiedEvent::kIgnored},         {"lead_ended", NotifiedEvent::kIgnored},
          {"lead_converted", NotifiedEvent::kIgnored},   {"lead_opted_out", NotifiedEvent::kIgnored},
          {"lead_changed", NotifiedEvent::kIgnored},     {"incoming_text_message", NotifiedEvent::kIgnored}};
}

PlatformReading Reading() {
  return {.platform = kPlatform,
          .version = 1,
          .words = EventWords(),
          .read_call = &ReadCall,
          .read_parameters = &ReadParameters};
}

}  // namespace trunkline::tracking::trackdrive
