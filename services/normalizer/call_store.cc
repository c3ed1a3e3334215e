#include "services/normalizer/call_store.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/normalizer/call_rows.h"

namespace trunkline::normalizer {

using postgres::Parameter;
using postgres::Result;

namespace {

std::pair<Parameter, Parameter> ArraysOf(const std::map<std::string, int64_t>& versions) {
  std::vector<std::string> ids;
  std::vector<int64_t> numbers;
  for (const auto& [id, version] : versions) {
    ids.push_back(id);
    numbers.push_back(version);
  }
  return {Parameter::Array(ids), Parameter::Array(numbers)};
}

// The lock of the partitions makes one writer of a call. Should that ever fail, say because the topic was given more
// partitions while messages of the old ones were still on their way, then no write is lost all the same.
absl::Status ExpectAll(const Result& written, const std::map<std::string, int64_t>& versions) {
  if (written.affected() == static_cast<int64_t>(versions.size())) return absl::OkStatus();
  return absl::AbortedError("another writer changed a call of this batch");
}

}  // namespace

absl::Status CallStore::LockPartitions(const std::set<std::pair<std::string, int32_t>>& partitions) {
  // In the order of the set, so that two normalizers never wait for each other in a circle.
  for (const auto& [topic, partition] : partitions) {
    TL_RETURN_IF_ERROR(tx_.Execute("SELECT pg_advisory_xact_lock(hashtext($1), $2)", {topic, partition}).status());
  }
  return absl::OkStatus();
}

absl::Status CallStore::LoadFrom(const std::string& table, bool ended, const Parameter& ids, Loaded* loaded) {
  TL_ASSIGN_OR_RETURN(const Result rows, tx_.Execute(Concat("SELECT call_id, state, traceparent, xmin FROM ", table,
                                                            " WHERE call_id = ANY($1::uuid[])"),
                                                     {ids}));
  for (int i = 0; i < rows.size(); ++i) {
    const std::string id = rows.String(i, 0);
    StoredCall& call = loaded->calls[id];
    if (!call.state.ParseFromString(rows.Bytes(i, 1))) {
      return absl::DataLossError(ToAbsl(Concat("the state of call ", id, " in ", table, " cannot be read")));
    }
    call.traceparent = rows.String(i, 2);
    loaded->rows[id] = {.ended = ended, .version = rows.Integer(i, 3)};
  }
  return absl::OkStatus();
}

absl::StatusOr<CallStore::Loaded> CallStore::Load(const std::set<std::string>& call_ids) {
  Loaded loaded;
  const Parameter ids = Parameter::Array(std::vector<std::string>(call_ids.begin(), call_ids.end()));
  TL_RETURN_IF_ERROR(LoadFrom("call_queue", /*ended=*/false, ids, &loaded));
  TL_RETURN_IF_ERROR(LoadFrom("call_history", /*ended=*/true, ids, &loaded));
  return loaded;
}

absl::StatusOr<std::map<std::string, CallStore::Source>> CallStore::ClaimEvents(
    const std::map<std::string, MessagePlace>& events) {
  std::map<std::string, Source> sources;
  if (events.empty()) return sources;
  std::vector<std::string> ids;
  std::vector<std::string> topics;
  std::vector<int64_t> partitions;
  std::vector<int64_t> offsets;
  // The map is in the order of the ids, and so every normalizer claims in the same order.
  for (const auto& [id, place] : events) {
    ids.push_back(id);
    topics.push_back(place.topic);
    partitions.push_back(place.partition);
    offsets.push_back(place.offset);
  }
  TL_ASSIGN_OR_RETURN(const Result claimed,
                      tx_.Execute("INSERT INTO call_event_sources (event_id, topic, partition, \"offset\") "
                                  "SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::bigint[]) "
                                  "ON CONFLICT DO NOTHING RETURNING event_id",
                                  {Parameter::Array(ids), Parameter::Array(topics), Parameter::Array(partitions),
                                   Parameter::Array(offsets)}));
  for (int i = 0; i < claimed.size(); ++i) {
    const std::string id = claimed.String(i, 0);
    sources[id] = {.place = events.at(id), .is_new = true};
  }
  if (sources.size() == events.size()) return sources;

  TL_ASSIGN_OR_RETURN(const Result known,
                      tx_.Execute("SELECT event_id, topic, partition, \"offset\" FROM call_event_sources "
                                  "WHERE event_id = ANY($1::uuid[])",
                                  {Parameter::Array(ids)}));
  for (int i = 0; i < known.size(); ++i) {
    const std::string id = known.String(i, 0);
    if (sources.contains(id)) continue;
    sources[id] = {.place = {known.String(i, 1), static_cast<int32_t>(known.Integer(i, 2)), known.Integer(i, 3)},
                   .is_new = false};
  }
  return sources;
}

absl::Status CallStore::Remove(bool ended, const std::map<std::string, int64_t>& versions) {
  if (versions.empty()) return absl::OkStatus();
  const auto [ids, numbers] = ArraysOf(versions);
  TL_ASSIGN_OR_RETURN(const Result removed,
                      tx_.Execute(Concat("DELETE FROM ", ended ? "call_history" : "call_queue",
                                         " c USING unnest($1::uuid[], $2::bigint[]) AS loaded (call_id, version) "
                                         "WHERE c.call_id = loaded.call_id AND c.xmin::text::bigint = loaded.version"),
                                  {ids, numbers}));
  return ExpectAll(removed, versions);
}

absl::Status CallStore::UpdateQueue(const std::map<std::string, int64_t>& versions, const postgres::CopyBuffer& rows) {
  if (versions.empty()) return absl::OkStatus();
  TL_RETURN_IF_ERROR(
      tx_.ExecuteScript("CREATE TEMPORARY TABLE IF NOT EXISTS staged_calls (LIKE call_queue) ON COMMIT DELETE ROWS"));
  TL_RETURN_IF_ERROR(tx_.Copy(CopyCallsInto("staged_calls"), rows));
  const auto [ids, numbers] = ArraysOf(versions);
  TL_ASSIGN_OR_RETURN(const Result updated, tx_.Execute(UpdateCallQueueFrom("staged_calls"), {ids, numbers}));
  return ExpectAll(updated, versions);
}

}  // namespace trunkline::normalizer
