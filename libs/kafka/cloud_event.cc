#include "libs/kafka/cloud_event.h"

namespace trunkline::kafka {

Headers ToHeaders(const CloudEvent& event) {
  Headers headers = {{"ce_specversion", "1.0"},
                     {"ce_id", event.id},
                     {"ce_type", event.type},
                     {"ce_source", event.source},
                     {"ce_subject", event.subject},
                     {"ce_time", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", event.time, absl::UTCTimeZone())},
                     {"ce_dataschema", event.data_schema},
                     {"content-type", "application/protobuf"},
                     {"business_id", event.business_id}};
  if (!event.traceparent.empty()) headers.emplace_back("traceparent", event.traceparent);
  return headers;
}

}  // namespace trunkline::kafka
