#include "services/normalizer/shadow_rows.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/timestamps.h"
#include "services/normalizer/call_rows.h"

namespace trunkline::normalizer {
namespace {

using events::v1::CallEvent;

// When the message's call began, as far as it tells: what the platform's record says rules.
std::optional<int64_t> BeganAtMicros(const MappedMessage& message) {
  std::optional<int64_t> began;
  for (const CallEvent& event : message.events) {
    const int64_t told = event.details().has_started_at() ? telephony::ToMicros(event.details().started_at()) : 0;
    if (told > 0) return told;
    if (event.type() == events::v1::CALL_EVENT_TYPE_INITIATED) began = telephony::ToMicros(event.occurred_at());
  }
  return began;
}

}  // namespace

bool MayBeShadow(const MappedMessage& message) { return message.raw.shadow() || message.raw.has_apply_calls_from(); }

bool IsShadow(const MappedMessage& message, bool is_known) {
  if (message.raw.shadow()) return true;
  if (!message.raw.has_apply_calls_from()) return false;
  const std::optional<int64_t> began = BeganAtMicros(message);
  return began.has_value() ? *began < telephony::ToMicros(message.raw.apply_calls_from()) : !is_known;
}

void ShadowRows::Add(const CallEvent& event) { calls_[NumberOfUuid(event.call_id())].push_back(&event); }

absl::Status ShadowRows::Write(CallStore& store, postgres::Transaction& tx) const {
  if (calls_.empty()) return absl::OkStatus();
  std::vector<UuidNumber> ids;
  ids.reserve(calls_.size());
  for (const auto& [id, events] : calls_) ids.push_back(id);
  TL_ASSIGN_OR_RETURN(CallStore::Calls stored, store.LoadShadows(ids));
  RowVersions removed;
  postgres::CopyBuffer rows;
  for (const auto& [id, events] : calls_) {
    StoredCall fresh;
    const auto found = stored.find(id);
    StoredCall& call = found == stored.end() ? fresh : *found->second;
    const std::string before = call.state.SerializeAsString();
    for (const CallEvent* event : events) {
      if (call.traceparent.empty()) call.traceparent = event->traceparent();
      telephony::MergeEvent(*event, &call.state);
    }
    // A batch that comes again brings nothing.
    if (call.has_row && call.state.SerializeAsString() == before) continue;
    if (call.has_row) removed.Add(id, call.version);
    AppendCall(call.state, telephony::Project(call.state), call.traceparent, &rows);
    rows.EndRow();
  }
  TL_RETURN_IF_ERROR(store.Remove("shadow_calls", removed));
  return tx.Copy(CopyCallsInto("shadow_calls"), rows);
}

}  // namespace trunkline::normalizer
