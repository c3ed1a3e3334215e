#include "services/normalizer/call_rows.h"

#include <array>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::normalizer {
namespace {

using calls::v1::CallDetails;
using calls::v1::CallRecord;
using calls::v1::CallState;
using events::v1::CallEvent;
using postgres::CopyBuffer;
using telephony::NameOf;
using telephony::ToMicros;

// In the order in which AppendCall writes them.
constexpr std::array<std::string_view, 58> kCallColumns = {"call_id",
                                                           "business_id",
                                                           "provider",
                                                           "provider_account_id",
                                                           "external_call_id",
                                                           "direction",
                                                           "status",
                                                           "from_number",
                                                           "to_number",
                                                           "caller_name",
                                                           "parent_call_id",
                                                           "campaign_id",
                                                           "attempt_id",
                                                           "answered_by",
                                                           "hangup_cause",
                                                           "hangup_source",
                                                           "error_code",
                                                           "error_message",
                                                           "provider_error_code",
                                                           "started_at",
                                                           "requested_at",
                                                           "initiated_at",
                                                           "queued_at",
                                                           "ringing_at",
                                                           "answered_at",
                                                           "ended_at",
                                                           "total_milliseconds",
                                                           "ring_milliseconds",
                                                           "talk_milliseconds",
                                                           "recording_url",
                                                           "recording_status",
                                                           "cost_micros",
                                                           "cost_currency",
                                                           "mean_opinion_score",
                                                           "tags",
                                                           "custom_data",
                                                           "last_event_at",
                                                           "forwarded_to",
                                                           "tracking_campaign_id",
                                                           "tracking_campaign_key",
                                                           "tracking_campaign_name",
                                                           "publisher_id",
                                                           "publisher_name",
                                                           "publisher_sub_id",
                                                           "buyer_id",
                                                           "buyer_name",
                                                           "converted",
                                                           "voicemail",
                                                           "status_reason",
                                                           "revenue_micros",
                                                           "payout_micros",
                                                           "amounts_currency",
                                                           "tracking_tags",
                                                           "record_changed_at",
                                                           "record_deleted_at",
                                                           "record_hash",
                                                           "traceparent",
                                                           "state"};

void AppendTime(bool has, const google::protobuf::Timestamp& time, CopyBuffer* rows) {
  has ? rows->Timestamp(ToMicros(time)) : rows->Null();
}

void AppendMilliseconds(bool has, const google::protobuf::Duration& duration, CopyBuffer* rows) {
  has ? rows->Bigint(absl::ToInt64Milliseconds(telephony::FromProto(duration))) : rows->Null();
}

std::string JsonOf(const google::protobuf::Map<std::string, std::string>& map) {
  if (map.empty()) return "{}";
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [key, value] : map) object[ToStorableText(key)] = ToStorableText(value);
  return WriteJson(object);
}

std::vector<std::string> TextsOf(const google::protobuf::RepeatedPtrField<std::string>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(ToStorableText(value));
  return texts;
}

// Adapters clean what they take from providers; what comes as a fact of ours was checked at the request. This is the
// last gate before PostgreSQL, which would refuse the whole batch for one bad byte.
void AppendStorable(const std::string& text, CopyBuffer* rows) {
  IsStorableText(text) ? rows->Text(text) : rows->Text(ToStorableText(text));
}

void AppendText(const std::string& text, CopyBuffer* rows) {
  text.empty() ? static_cast<void>(rows->Null()) : AppendStorable(text, rows);
}

void AppendFlag(bool has, bool value, CopyBuffer* rows) { has ? rows->Boolean(value) : rows->Null(); }

void AppendMicros(bool has, const calls::v1::Money& money, CopyBuffer* rows) {
  has ? rows->Bigint(money.micros()) : rows->Null();
}

// What a call-tracking platform told; nothing of all that for other calls.
void AppendTracking(const CallDetails& details, CopyBuffer* rows) {
  for (const std::string* text :
       {&details.forwarded_to(), &details.tracking_campaign_id(), &details.tracking_campaign_key(),
        &details.tracking_campaign_name(), &details.publisher_id(), &details.publisher_name(),
        &details.publisher_sub_id(), &details.buyer_id(), &details.buyer_name()}) {
    AppendText(*text, rows);
  }
  AppendFlag(details.has_converted(), details.converted(), rows);
  AppendFlag(details.has_voicemail(), details.voicemail(), rows);
  AppendText(details.status_reason(), rows);
  AppendMicros(details.has_revenue(), details.revenue(), rows);
  AppendMicros(details.has_payout(), details.payout(), rows);
  AppendText(details.has_revenue() ? details.revenue().currency() : details.payout().currency(), rows);
  details.has_tracking_tags() ? rows->Json(JsonOf(details.tracking_tags().values())) : rows->Null();
  AppendTime(details.has_record_changed_at(), details.record_changed_at(), rows);
  AppendTime(details.has_record_deleted_at(), details.record_deleted_at(), rows);
  AppendText(details.record_hash(), rows);
}

}  // namespace

std::string CopyCallsInto(std::string_view table, std::string_view more) {
  std::string columns;
  for (const std::string_view column : kCallColumns) columns += Concat(columns.empty() ? "" : ", ", column);
  return Concat("COPY ", table, " (", columns, more, ") FROM STDIN (FORMAT binary)");
}

std::string UpdateCallQueueFrom(std::string_view staged) {
  std::string assignments;
  for (const std::string_view column : kCallColumns) {
    if (column == "call_id") continue;
    assignments += Concat(assignments.empty() ? "" : ", ", column, " = s.", column);
  }
  return Concat("UPDATE call_queue q SET ", assignments, " FROM ", staged,
                " s WHERE q.call_id = s.call_id AND q.xmin = s.version");
}

void AppendCall(const CallState& state, const CallRecord& record, std::string_view traceparent, CopyBuffer* rows) {
  const CallDetails& details = record.details();
  rows->Uuid(record.call_id()).Uuid(record.business_id());
  AppendText(details.provider(), rows);
  rows->Uuid(details.provider_account_id());
  AppendText(details.external_call_id(), rows);
  rows->Text(NameOf(details.direction())).Text(NameOf(record.status()));
  AppendText(details.from(), rows);
  AppendText(details.to(), rows);
  AppendText(details.caller_name(), rows);
  rows->Uuid(details.parent_call_id());
  AppendText(details.campaign_id(), rows);
  AppendText(details.attempt_id(), rows);
  details.has_answered_by() ? rows->Text(Lower(calls::v1::AnsweredBy_Name(details.answered_by()).substr(12)))
                            : rows->Null();
  const bool hung_up = record.has_hangup();
  hung_up ? rows->Text(NameOf(record.hangup().cause())) : rows->Null();
  hung_up ? rows->Text(NameOf(record.hangup().source())) : rows->Null();
  record.has_error() ? rows->Text(NameOf(record.error().code())) : rows->Null();
  AppendText(record.error().message(), rows);
  AppendText(record.error().provider_code(), rows);
  rows->Timestamp(telephony::StartedAtMicros(state));
  const calls::v1::CallTimes& times = record.times();
  AppendTime(times.has_requested_at(), times.requested_at(), rows);
  AppendTime(times.has_initiated_at(), times.initiated_at(), rows);
  AppendTime(times.has_queued_at(), times.queued_at(), rows);
  AppendTime(times.has_ringing_at(), times.ringing_at(), rows);
  AppendTime(times.has_answered_at(), times.answered_at(), rows);
  AppendTime(times.has_ended_at(), times.ended_at(), rows);
  const calls::v1::CallDurations& durations = record.durations();
  AppendMilliseconds(durations.has_total(), durations.total(), rows);
  AppendMilliseconds(durations.has_ring(), durations.ring(), rows);
  AppendMilliseconds(durations.has_talk(), durations.talk(), rows);
  AppendText(details.recording().url(), rows);
  details.has_recording() ? rows->Text(Lower(calls::v1::RecordingStatus_Name(details.recording().status()).substr(17)))
                          : rows->Null();
  details.has_cost() ? rows->Bigint(details.cost().micros()) : rows->Null();
  AppendText(details.cost().currency(), rows);
  details.has_quality() ? rows->Real(details.quality().mean_opinion_score()) : rows->Null();
  rows->TextArray(TextsOf(details.tags())).Json(JsonOf(details.custom_data()));
  rows->Timestamp(state.last_event_at_micros());
  AppendTracking(details, rows);
  rows->TextOrNull(traceparent).Bytes(state.SerializeAsString());
}

const char kCopyEvents[] =
    "COPY call_events (event_id, call_id, business_id, type, status, source, provider, provider_account_id, "
    "occurred_at, "
    "received_at, sequence, webhook_id, raw_topic, raw_partition, raw_offset, mapping_version, traceparent, event) "
    "FROM STDIN (FORMAT binary)";

void AppendEvent(const CallEvent& event, std::string_view bytes, CopyBuffer* rows) {
  rows->Uuid(event.event_id()).Uuid(event.call_id()).Uuid(event.business_id()).Text(NameOf(event.type()));
  event.status() == calls::v1::CALL_STATUS_UNSPECIFIED ? rows->Null() : rows->Text(NameOf(event.status()));
  rows->Text(NameOf(event.source()));
  AppendText(event.details().provider(), rows);
  rows->Uuid(event.details().provider_account_id());
  rows->Timestamp(ToMicros(event.occurred_at())).Timestamp(ToMicros(event.received_at())).Bigint(event.sequence());
  rows->Uuid(event.raw().webhook_id()).Text(event.raw().topic());
  rows->Integer(event.raw().partition()).Bigint(event.raw().offset()).Integer(event.mapping_version());
  AppendText(event.traceparent(), rows);
  rows->Bytes(bytes).EndRow();
}

const char kCopyWebhookLogs[] =
    "COPY webhook_logs (webhook_id, received_at, business_id, provider, provider_account_id, event, outcome, reason, "
    "events, call_id, remote_address, raw_topic, raw_partition, raw_offset) "
    "FROM STDIN (FORMAT binary)";

void AppendWebhookLog(const MappedMessage& message, std::string_view outcome, CopyBuffer* rows) {
  const webhooks::v1::RawWebhook& raw = message.raw;
  rows->Uuid(raw.webhook_id()).Timestamp(ToMicros(raw.received_at())).Uuid(raw.business_id());
  AppendStorable(raw.provider(), rows);
  rows->Uuid(raw.provider_account_id());
  AppendStorable(raw.event(), rows);
  rows->Text(outcome);
  message.refusal.has_value() ? rows->Text(message.refusal->reason) : rows->Null();
  rows->Integer(static_cast<int32_t>(message.events.size())).Uuid(raw.call_id());
  AppendText(raw.remote_address(), rows);
  rows->Text(message.place.topic).Integer(message.place.partition).Bigint(message.place.offset).EndRow();
}

}  // namespace trunkline::normalizer
