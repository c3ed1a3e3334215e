// The headers of every message of Trunkline: CloudEvents 1.0 in Kafka's binary mode
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md), and traceparent.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

struct CloudEvent {
  std::string id;       // with source: the same fact has the same pair
  std::string type;     // "trunkline.call.ended"
  std::string source;   // "/trunkline/normalizer"
  std::string subject;  // the call
  absl::Time time;
  std::string data_schema;  // full name of the Protobuf message
  std::string business_id;
  std::string traceparent;  // may be empty
};

Headers ToHeaders(CloudEvent event);

}  // namespace trunkline::kafka
