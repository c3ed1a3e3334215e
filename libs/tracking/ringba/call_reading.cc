#include "libs/tracking/ringba/call_reading.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/ringba/account_settings.h"

namespace trunkline::tracking::ringba {
namespace {

using calls::v1::CallStatus;
using nlohmann::json;

constexpr std::string_view kTagPrefix = "tag:";

bool Is(ObjectReader& reader, ObjectReader::Names names) { return reader.Flag(names).value.value_or(false); }

// Whether anybody was called on the caller's behalf.
bool WasTargetTried(const json& record, const ObjectReader& reader) {
  if (reader.FindValue({"targetId", "targetNumber", "buyerTargetId", "buyerTargetNumber"}) != nullptr) return true;
  const json* events = FindMember(record, "events");
  if (events == nullptr || !events->is_array()) return false;
  return std::any_of(events->begin(), events->end(),
                     [](const json& event) { return MemberText(event, "name") == "TargetDialed"; });
}

CallStatus LiveStatus(const json& record, ObjectReader& reader) {
  if (Is(reader, {"hasConnected", "buyerHasConnected"}) || reader.FindValue({"callConnectionDt"}) != nullptr) {
    return calls::v1::CALL_STATUS_ANSWERED;
  }
  if (WasTargetTried(record, reader)) return calls::v1::CALL_STATUS_RINGING;
  return reader.Seconds({"ivrDepth"}).value.value_or(0) > 0 ? calls::v1::CALL_STATUS_QUEUED
                                                            : calls::v1::CALL_STATUS_INITIATED;
}

// Any of the reasons speaks of a busy line.
bool IsBusy(ObjectReader& reader) {
  for (const std::string_view name : {"incompleteCallReason", "noConversionReason", "noPayoutReason"}) {
    const std::string reason = Lower(reader.Text({name}).value.value_or(""));
    if (reason.find("busy") != std::string::npos) return true;
  }
  return false;
}

CallStatus EndedStatus(const json& record, ObjectReader& reader, std::string_view end_source) {
  if (Is(reader, {"hasConnected", "buyerHasConnected"})) return calls::v1::CALL_STATUS_COMPLETED;
  if (Is(reader, {"wasBlocked"}) || Is(reader, {"wasBlockedByTCPA"})) return calls::v1::CALL_STATUS_FAILED;
  if (Is(reader, {"hasVoiceMail"})) return calls::v1::CALL_STATUS_MISSED;
  if (end_source == "caller") return calls::v1::CALL_STATUS_ABANDONED;
  if (!WasTargetTried(record, reader)) return calls::v1::CALL_STATUS_MISSED;
  return IsBusy(reader) ? calls::v1::CALL_STATUS_BUSY : calls::v1::CALL_STATUS_NO_ANSWER;
}

calls::v1::Hangup HangupOf(CallStatus status, std::string_view end_source) {
  calls::v1::Hangup hangup;
  if (end_source == "caller") hangup.set_source(calls::v1::HANGUP_SOURCE_CALLER);
  if (end_source == "target") hangup.set_source(calls::v1::HANGUP_SOURCE_CALLEE);
  if (end_source == "system") hangup.set_source(calls::v1::HANGUP_SOURCE_SYSTEM);
  switch (status) {
    case calls::v1::CALL_STATUS_FAILED:
      hangup.set_cause(calls::v1::HANGUP_CAUSE_REJECTED);
      break;
    case calls::v1::CALL_STATUS_BUSY:
      hangup.set_cause(calls::v1::HANGUP_CAUSE_BUSY);
      break;
    case calls::v1::CALL_STATUS_NO_ANSWER:
      hangup.set_cause(calls::v1::HANGUP_CAUSE_TIMEOUT);
      break;
    default:
      if (end_source == "system") hangup.set_cause(calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP);
      if (end_source == "caller" || end_source == "target") hangup.set_cause(calls::v1::HANGUP_CAUSE_USER_HANGUP);
      break;
  }
  return hangup;
}

void ReadStatus(const json& record, ObjectReader& reader, TrackedCall* call) {
  // A notification that leaves out whether anybody was reached does not tell how the call stands.
  if (!reader.Tells({"hasConnected", "buyerHasConnected"})) return;
  if (Is(reader, {"isLive"})) {
    call->status = LiveStatus(record, reader);
    return;
  }
  const std::string end_source = Lower(reader.Text({"endCallSource"}).value.value_or(""));
  call->status = EndedStatus(record, reader, end_source);
  call->hangup = HangupOf(*call->status, end_source);
  call->status_reason = *call->status == calls::v1::CALL_STATUS_FAILED
                            ? reader.Text({"blockReason"})
                            : reader.Text({"incompleteCallReason", "noConversionReason"});
}

void ReadParties(ObjectReader& reader, TrackedCall* call) {
  reader.Caller({"inboundPhoneNumber"}, call);
  call->tracking_number = reader.Phone({"number"});
  call->destination = reader.Phone({"targetNumber", "buyerTargetNumber"});
  call->direction = Told<calls::v1::CallDirection>::Of(calls::v1::CALL_DIRECTION_INBOUND);
  call->campaign_id = reader.Text({"campaignId"});
  call->campaign_name = reader.Text({"campaignName"});
  call->publisher_id = reader.Text({"publisherId"});
  call->publisher_name = reader.Text({"publisherName"});
  call->sub_id = reader.Text({"publisherSubId"});
  call->buyer_id = reader.Text({"buyerId", "targetId", "buyerTargetId"});
  // A name of the target is none of the buyer's.
  const bool has_buyer = reader.FindValue({"buyerId"}) != nullptr;
  call->buyer_name = has_buyer ? reader.Text({"buyer"}) : reader.Text({"targetName", "buyerTargetName"});
}

void ReadTimes(ObjectReader& reader, TrackedCall* call) {
  const bool is_live = Is(reader, {"isLive"});
  const bool connected = Is(reader, {"hasConnected", "buyerHasConnected"});
  call->started_at = reader.Time({"callDt"});
  const bool tells = reader.Tells({"hasConnected", "buyerHasConnected"});
  if (tells) call->answered_at = Told<absl::Time>::None();
  if (connected || is_live) call->answered_at = reader.Time({"callConnectionDt"});
  call->ended_at = is_live ? Told<absl::Time>::None() : reader.Time({"callCompletedDt"});
  call->duration_seconds = reader.Seconds({"callLengthInSeconds", "buyerCallLengthInSeconds"});
  call->talk_seconds = reader.Seconds({"connectedCallLengthInSeconds", "buyerConnectedCallLengthInSeconds"});
}

void ReadMoney(ObjectReader& reader, TrackedCall* call) {
  call->revenue = reader.Amount({"conversionAmount", "buyerConversionAmount"});
  call->payout = reader.Amount({"payoutAmount"});
  call->cost = reader.Amount({"totalCost"});
  call->converted = reader.Flag({"hasConverted", "buyerHasConverted"});
}

// Of details in `message-tags`, of lists in columns of their own. A list without such columns says nothing of tags.
void ReadTags(const json& record, TrackedCall* call) {
  Tags tags;
  bool told = false;
  if (const json* listed = FindMember(record, "message-tags"); listed != nullptr && listed->is_array()) {
    told = true;
    for (const json& tag : *listed) {
      const json* value = FindMember(tag, "value");
      if (value == nullptr) continue;
      AddTag(Concat(MemberText(tag, "type"), ":", MemberText(tag, "name")), *value, &tags, &call->remarks);
    }
  }
  for (const auto& [name, value] : record.items()) {
    if (!std::string_view(name).starts_with(kTagPrefix)) continue;
    told = true;
    AddTag(std::string_view(name).substr(kTagPrefix.size()), value, &tags, &call->remarks);
  }
  if (told) call->tags = Told<Tags>::Of(std::move(tags));
}

}  // namespace

absl::StatusOr<TrackedCall> ReadCall(const json& record, Extent extent) {
  ObjectReader reader(record, extent);
  TrackedCall call;
  call.external_id = reader.Text({"inboundCallId"}).value.value_or("");
  if (!record.is_object() || call.external_id.empty()) {
    return absl::InvalidArgumentError("the record has no inboundCallId");
  }
  ReadParties(reader, &call);
  ReadTimes(reader, &call);
  ReadMoney(reader, &call);
  call.recording_url = reader.Text({"recordingUrl"});
  call.voicemail = reader.Flag({"hasVoiceMail"});
  ReadStatus(record, reader, &call);
  ReadTags(record, &call);
  for (Remark& remark : reader.TakeRemarks()) call.remarks.push_back(std::move(remark));
  Complete(&call);
  return call;
}

TrackedCall ReadParameters(const json& parameters, std::string_view external_id, NotifiedEvent event) {
  ObjectReader reader(parameters, Extent::kNotification);
  TrackedCall call;
  call.external_id = std::string(external_id);
  call.direction = Told<calls::v1::CallDirection>::Of(calls::v1::CALL_DIRECTION_INBOUND);
  reader.Caller({"caller", "callerId", "inboundPhoneNumber"}, &call);
  call.tracking_number = reader.Phone({"number"});
  call.destination = reader.Phone({"target_number", "targetNumber"});
  call.campaign_id = reader.Text({"campaign_id", "campaignId"});
  call.campaign_name = reader.Text({"campaignName"});
  call.publisher_id = reader.Text({"publisher_id", "publisherId"});
  call.publisher_name = reader.Text({"publisherName"});
  call.buyer_id = reader.Text({"buyer_id", "buyerId", "target_id", "targetId"});
  call.duration_seconds = reader.Seconds({"length", "callLength"});
  call.talk_seconds = reader.Seconds({"connected_length", "callLengthFromConnect"});
  call.revenue = reader.Amount({"revenue"});
  call.payout = reader.Amount({"payout"});
  call.recording_url = reader.Text({"recording_url", "recordingUrl"});
  // How it ended is known as far as it is known whether anybody was reached.
  if (event == NotifiedEvent::kEnded && call.talk_seconds.has_value()) {
    const std::string end_source = Lower(reader.Text({"endCallSource"}).value.value_or(""));
    call.status = calls::v1::CALL_STATUS_MISSED;
    if (end_source == "caller") call.status = calls::v1::CALL_STATUS_ABANDONED;
    if (*call.talk_seconds > 0) call.status = calls::v1::CALL_STATUS_COMPLETED;
    call.hangup = HangupOf(*call.status, end_source);
  }
  call.remarks = reader.TakeRemarks();
  return call;
}

std::vector<EventWord> EventWords() {
  return {{"incoming", NotifiedEvent::kStarted},    {"connected", NotifiedEvent::kAnswered},
          {"completed", NotifiedEvent::kEnded},     {"finalized", NotifiedEvent::kEnded},
          {"converted", NotifiedEvent::kConverted}, {"payout", NotifiedEvent::kPayout},
          {"recording", NotifiedEvent::kRecording}, {"error", NotifiedEvent::kUpdated}};
}

PlatformReading Reading() {
  return {.platform = kPlatform,
          .version = 1,
          .words = EventWords(),
          .read_call = &ReadCall,
          .read_parameters = &ReadParameters};
}

}  // namespace trunkline::tracking::ringba
