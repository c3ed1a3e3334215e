// The normalizer's tables: calls with their merged states, and the sources of events. All functions work inside one
// transaction of the caller.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "services/normalizer/batch_mapper.h"
#include "trunkline/calls/v1/call_state.pb.h"

namespace trunkline::normalizer {

// A call as it is stored.
struct StoredCall {
  calls::v1::CallState state;
  std::string traceparent;
};

// Where a call was found, and which version of its row.
struct StoredRow {
  bool ended = false;   // in call_history
  int64_t version = 0;  // xmin: the transaction that wrote it
};

class CallStore {
 public:
  explicit CallStore(postgres::Transaction& transaction) : tx_(transaction) {}

  // Waits for any other normalizer that still writes for these partitions. A call's messages all have the same key, so
  // whoever holds its partition is the only writer of the call.
  absl::Status LockPartitions(const std::set<std::pair<std::string, int32_t>>& partitions);

  // The stored ones of these calls, without locking them.
  struct Loaded {
    std::map<std::string, StoredCall> calls;
    std::map<std::string, StoredRow> rows;
  };
  absl::StatusOr<Loaded> Load(const std::set<std::string>& call_ids);

  // Remembers which message first brought each event, for those that nobody brought before. Returns the first source of
  // every event of the map, with true when it was remembered now.
  struct Source {
    MessagePlace place;
    bool is_new = false;
  };
  absl::StatusOr<std::map<std::string, Source>> ClaimEvents(const std::map<std::string, MessagePlace>& events);

  // Removes rows of calls that are about to be written again, or elsewhere. ABORTED when another writer has changed one
  // of them since it was loaded.
  absl::Status Remove(bool ended, const std::map<std::string, int64_t>& versions);

  // Writes rows of call_queue again, in place. ABORTED as above.
  absl::Status UpdateQueue(const std::map<std::string, int64_t>& versions, const postgres::CopyBuffer& rows);

 private:
  absl::Status LoadFrom(const std::string& table, bool ended, const postgres::Parameter& ids, Loaded* loaded);

  postgres::Transaction& tx_;
};

}  // namespace trunkline::normalizer
