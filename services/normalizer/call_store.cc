#include "services/normalizer/call_store.h"

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::normalizer {

using postgres::Parameter;
using postgres::Result;

absl::Status CallStore::LockPartitions(const std::set<std::pair<std::string, int32_t>>& partitions) {
  // In the order of the set, so that two normalizers never wait for each other in a circle.
  for (const auto& [topic, partition] : partitions) {
    TL_RETURN_IF_ERROR(tx_.Execute("SELECT pg_advisory_xact_lock(hashtext($1), $2)", {topic, partition}).status());
  }
  return absl::OkStatus();
}

absl::Status CallStore::LoadFrom(const std::string& table, bool ended, const Parameter& ids,
                                 std::map<std::string, StoredCall>* calls) {
  TL_ASSIGN_OR_RETURN(const Result rows, tx_.Execute(Concat("SELECT call_id, state, traceparent FROM ", table,
                                                            " WHERE call_id = ANY($1::uuid[]) FOR UPDATE"),
                                                     {ids}));
  for (int i = 0; i < rows.size(); ++i) {
    StoredCall& call = (*calls)[rows.String(i, 0)];
    if (!call.state.ParseFromString(rows.Bytes(i, 1))) {
      return absl::DataLossError(
          ToAbsl(Concat("the state of call ", rows.Text(i, 0), " in ", table, " cannot be read")));
    }
    call.traceparent = rows.String(i, 2);
    call.ended = ended;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, StoredCall>> CallStore::Load(const std::set<std::string>& call_ids) {
  std::map<std::string, StoredCall> calls;
  const Parameter ids = Parameter::Array(std::vector<std::string>(call_ids.begin(), call_ids.end()));
  TL_RETURN_IF_ERROR(LoadFrom("call_queue", /*ended=*/false, ids, &calls));
  // After the first statement: a call that another writer moved meanwhile is seen where it is now.
  TL_RETURN_IF_ERROR(LoadFrom("call_history", /*ended=*/true, ids, &calls));
  return calls;
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

absl::Status CallStore::RemoveCalls(const std::vector<std::string>& in_progress,
                                    const std::vector<std::string>& ended) {
  if (!in_progress.empty()) {
    TL_RETURN_IF_ERROR(
        tx_.Execute("DELETE FROM call_queue WHERE call_id = ANY($1::uuid[])", {Parameter::Array(in_progress)})
            .status());
  }
  if (!ended.empty()) {
    TL_RETURN_IF_ERROR(
        tx_.Execute("DELETE FROM call_history WHERE call_id = ANY($1::uuid[])", {Parameter::Array(ended)}).status());
  }
  return absl::OkStatus();
}

}  // namespace trunkline::normalizer
