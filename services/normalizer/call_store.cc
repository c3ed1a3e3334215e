#include "services/normalizer/call_store.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/normalizer/call_rows.h"

namespace trunkline::normalizer {

using postgres::Parameter;
using postgres::Result;

namespace {

// The lock of the partitions makes one writer of a call. Should that ever fail, say because the topic was given more
// partitions while messages of the old ones were still on their way, then no write is lost all the same. The same shows
// that a call from the cache was out of date.
absl::Status ExpectAll(const Result& written, size_t count) {
  if (written.affected() == static_cast<int64_t>(count)) return absl::OkStatus();
  return absl::AbortedError("another writer changed a call of this batch");
}

}  // namespace

absl::StatusOr<uint32_t> CallStore::LockPartitions(const std::set<std::pair<std::string, int32_t>>& partitions) {
  std::vector<std::string> topics;
  std::vector<int32_t> numbers;
  for (const auto& [topic, partition] : partitions) {
    topics.push_back(topic);
    numbers.push_back(partition);
  }
  // In the order of the set, so that two normalizers never wait for each other in a circle. What is read afterwards
  // must be read by other statements: this one sees the database as it was before it waited.
  TL_ASSIGN_OR_RETURN(
      const Result locked,
      tx_.Execute("SELECT pg_current_xact_id()::xid::text, count(pg_advisory_xact_lock(hashtext(topic), partition)) "
                  "FROM unnest($1::text[], $2::integer[]) AS locked (topic, partition)",
                  {Parameter::Array(topics), Parameter::Integers(numbers)}));
  return static_cast<uint32_t>(locked.Integer(0, 0));
}

absl::StatusOr<CallStore::Calls> CallStore::Load(const std::vector<UuidNumber>& call_ids) {
  return Read(
      "SELECT call_id, state, traceparent, xmin::text, false FROM call_queue WHERE call_id = ANY($1::uuid[]) "
      "UNION ALL SELECT call_id, state, traceparent, xmin::text, true FROM call_history "
      "WHERE call_id = ANY($1::uuid[])",
      call_ids);
}

absl::StatusOr<CallStore::Calls> CallStore::LoadShadows(const std::vector<UuidNumber>& call_ids) {
  return Read("SELECT call_id, state, traceparent, xmin::text, false FROM shadow_calls WHERE call_id = ANY($1::uuid[])",
              call_ids);
}

absl::StatusOr<CallStore::Calls> CallStore::Read(const std::string& query, const std::vector<UuidNumber>& call_ids) {
  Calls calls;
  if (call_ids.empty()) return calls;
  TL_ASSIGN_OR_RETURN(const Result rows, tx_.ExecuteBinary(query, {Parameter::Uuids(call_ids)}));
  calls.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    auto call = std::make_unique<StoredCall>();
    const std::string_view state = rows.Text(i, 1);
    if (!call->state.ParseFromArray(state.data(), static_cast<int>(state.size()))) {
      return absl::DataLossError("the state of a call cannot be read");
    }
    call->traceparent = rows.String(i, 2);
    call->has_row = true;
    call->version = static_cast<uint32_t>(ParseInt(rows.Text(i, 3)).value_or(0));
    call->ended = rows.Boolean(i, 4);
    calls[rows.Uuid(i, 0)] = std::move(call);
  }
  return calls;
}

absl::StatusOr<CallStore::Sources> CallStore::ClaimEvents(
    std::vector<std::pair<UuidNumber, const MessagePlace*>> events) {
  Sources sources;
  if (events.empty()) return sources;
  // In the order of the ids, and so every normalizer claims in the same order.
  std::sort(events.begin(), events.end());
  std::vector<UuidNumber> ids;
  ids.reserve(events.size());
  for (const auto& [id, place] : events) ids.push_back(id);
  TL_ASSIGN_OR_RETURN(const Result known,
                      tx_.ExecuteBinary("SELECT event_id, topic, partition, \"offset\" FROM call_event_sources "
                                        "WHERE event_id = ANY($1::uuid[])",
                                        {Parameter::Uuids(ids)}));
  sources.reserve(events.size());
  for (int i = 0; i < known.size(); ++i) {
    known_places_.push_back({known.String(i, 1), static_cast<int32_t>(known.Integer(i, 2)), known.Integer(i, 3)});
    sources[known.Uuid(i, 0)] = {.place = &known_places_.back(), .is_new = false};
  }
  // The lock of the partitions keeps others from claiming the same now. Should one do so all the same, then the primary
  // key fails the batch, and the next session reads what the other claimed.
  postgres::CopyBuffer claims;
  for (const auto& [id, place] : events) {
    if (!sources.try_emplace(id, Source{.place = place, .is_new = true}).second) continue;
    claims.Uuid(id).Text(place->topic).Integer(place->partition).Bigint(place->offset).EndRow();
  }
  TL_RETURN_IF_ERROR(
      tx_.Copy("COPY call_event_sources (event_id, topic, partition, \"offset\") FROM STDIN (FORMAT binary)", claims));
  return sources;
}

absl::Status CallStore::Remove(std::string_view table, const RowVersions& rows) {
  if (rows.call_ids.empty()) return absl::OkStatus();
  TL_ASSIGN_OR_RETURN(const Result removed,
                      tx_.Execute(Concat("DELETE FROM ", table,
                                         " c USING unnest($1::uuid[], $2::xid[]) AS loaded (call_id, version) "
                                         "WHERE c.call_id = loaded.call_id AND c.xmin = loaded.version"),
                                  {Parameter::Uuids(rows.call_ids), Parameter::TransactionIds(rows.versions)}));
  return ExpectAll(removed, rows.call_ids.size());
}

absl::Status CallStore::UpdateQueue(size_t count, const postgres::CopyBuffer& rows) {
  if (count == 0) return absl::OkStatus();
  TL_RETURN_IF_ERROR(tx_.ExecuteScript(
      "CREATE TEMPORARY TABLE IF NOT EXISTS staged_calls (LIKE call_queue, version xid) ON COMMIT DELETE ROWS"));
  TL_RETURN_IF_ERROR(tx_.Copy(CopyCallsInto("staged_calls", ", version"), rows));
  TL_ASSIGN_OR_RETURN(const Result updated, tx_.Execute(UpdateCallQueueFrom("staged_calls")));
  return ExpectAll(updated, count);
}

}  // namespace trunkline::normalizer
