// The columns of the normalizer's tables, as rows for COPY.
#pragma once

#include <string>
#include <string_view>

#include "libs/postgres/copy_buffer.h"
#include "services/normalizer/batch_mapper.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/calls/v1/call_state.pb.h"

namespace trunkline::normalizer {

// A row of call_queue, call_history or shadow_calls. `more`: further columns of the table, ", name" each.
std::string CopyCallsInto(std::string_view table, std::string_view more = "");
// Replaces rows of call_queue by those of the table `staged`, which has the same columns and `version`; does nothing to
// a row whose xmin is another, which somebody else changed meanwhile.
std::string UpdateCallQueueFrom(std::string_view staged);
// The fields of such a row, without its end.
void AppendCall(const calls::v1::CallState& state, const calls::v1::CallRecord& record, std::string_view traceparent,
                postgres::CopyBuffer* rows);

// A row of call_events; `bytes` is the event, serialized.
extern const char kCopyEvents[];
void AppendEvent(const events::v1::CallEvent& event, std::string_view bytes, postgres::CopyBuffer* rows);

// A row of webhook_logs. `outcome`: processed, duplicate, ignored, hint, shadow or dead_letter.
extern const char kCopyWebhookLogs[];
void AppendWebhookLog(const MappedMessage& message, std::string_view outcome, postgres::CopyBuffer* rows);

}  // namespace trunkline::normalizer
