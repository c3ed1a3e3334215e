#include "services/normalizer/publication.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <string>
#include <utility>

#include "libs/base/text.h"
#include "libs/kafka/cloud_event.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "trunkline/webhooks/v1/dead_letter.pb.h"

namespace trunkline::normalizer {
namespace {

constexpr char kSource[] = "/trunkline/normalizer";

// A Protobuf message is the concatenation of its fields: the call is serialized once for all its events.
std::string WithCall(const std::string& event, const std::string& call) {
  using google::protobuf::internal::WireFormatLite;
  std::string out;
  out.reserve(event.size() + call.size() + 8);
  out = event;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.WriteTag(
      WireFormatLite::MakeTag(events::v1::CallEvent::kCallFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  coded.WriteVarint32(static_cast<uint32_t>(call.size()));
  coded.WriteString(call);
  coded.Trim();
  return out;
}

}  // namespace

kafka::OutgoingMessage EventMessage(const kafka::Topics& topics, const ProcessedEvent& processed,
                                    const ProcessedCall& call) {
  const events::v1::CallEvent& event = processed.event;
  return {.topic = topics.call_events,
          .key = event.call_id(),
          .value = WithCall(processed.bytes, call.bytes),
          .headers = kafka::ToHeaders({.id = event.event_id(),
                                       .type = Concat("trunkline.call.", telephony::NameOf(event.type())),
                                       .source = kSource,
                                       .subject = event.call_id(),
                                       .time = telephony::FromProto(event.occurred_at()),
                                       .data_schema = "trunkline.events.v1.CallEvent",
                                       .business_id = event.business_id(),
                                       .traceparent = event.traceparent()})};
}

kafka::OutgoingMessage CallMessage(const kafka::Topics& topics, const ProcessedCall& call) {
  const calls::v1::CallRecord& record = call.record;
  const absl::Time time = telephony::FromProto(record.last_event_at());
  return {.topic = topics.calls,
          .key = record.call_id(),
          .value = call.bytes,
          .headers = kafka::ToHeaders({.id = Concat(record.call_id(), "/", absl::ToUnixMicros(time)),
                                       .type = "trunkline.call.record",
                                       .source = kSource,
                                       .subject = record.call_id(),
                                       .time = time,
                                       .data_schema = "trunkline.calls.v1.CallRecord",
                                       .business_id = record.business_id(),
                                       .traceparent = ""})};
}

kafka::OutgoingMessage DeadLetterMessage(const kafka::Topics& topics, const MappedMessage& message, absl::Time now) {
  webhooks::v1::DeadLetter letter;
  letter.set_raw(message.value);
  letter.set_reason(message.refusal->reason);
  letter.set_error(message.refusal->error);
  letter.set_topic(message.place.topic);
  letter.set_partition(message.place.partition);
  letter.set_offset(message.place.offset);
  letter.set_attempt(static_cast<int32_t>(message.attempt));
  letter.set_mapping_version(message.mapping_version);
  *letter.mutable_failed_at() = telephony::ToProto(now);
  return {.topic = topics.dead_letters,
          .key = message.key,
          .value = letter.SerializeAsString(),
          .headers = kafka::ToHeaders(
              {.id = Concat(message.place.topic, "/", message.place.partition, "/", message.place.offset),
               .type = "trunkline.webhook.dead-letter",
               .source = kSource,
               .subject = message.key,
               .time = now,
               .data_schema = "trunkline.webhooks.v1.DeadLetter",
               .business_id = message.raw.business_id(),
               .traceparent = message.raw.traceparent()})};
}

}  // namespace trunkline::normalizer
