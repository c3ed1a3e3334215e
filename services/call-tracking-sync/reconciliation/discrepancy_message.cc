#include "services/call-tracking-sync/reconciliation/discrepancy_message.h"

#include <utility>

#include "libs/base/text.h"
#include "libs/kafka/cloud_event.h"
#include "libs/telephony/timestamps.h"
#include "trunkline/tracking/v1/call_discrepancy.pb.h"

namespace trunkline::tracking_sync {

absl::StatusOr<kafka::OutgoingMessage> DiscrepancyMessage(std::string bytes, std::string topic) {
  tracking::v1::CallDiscrepancy discrepancy;
  if (!discrepancy.ParseFromString(bytes)) return absl::DataLossError("a discrepancy cannot be read");
  const bool is_open = discrepancy.state() == tracking::v1::DISCREPANCY_STATE_OPEN;
  return kafka::OutgoingMessage{
      .topic = std::move(topic),
      .key = discrepancy.discrepancy_id(),
      .value = std::move(bytes),
      // The same version has the same id, however often it is sent.
      .headers = kafka::ToHeaders(
          {.id = Concat(discrepancy.discrepancy_id(), ".", discrepancy.version()),
           .type = is_open ? "trunkline.call_discrepancy.found" : "trunkline.call_discrepancy.resolved",
           .source = "/trunkline/call-tracking-sync",
           .subject = discrepancy.discrepancy_id(),
           .time = telephony::FromProto(discrepancy.told_at()),
           .data_schema = "trunkline.tracking.v1.CallDiscrepancy",
           .business_id = discrepancy.business_id(),
           .traceparent = ""})};
}

}  // namespace trunkline::tracking_sync
