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
  bool ended = false;  // in call_history
};

class CallStore {
 public:
  explicit CallStore(postgres::Transaction& transaction) : tx_(transaction) {}

  // Waits for any other normalizer that still writes for these partitions. A call's messages all have the same key, so
  // whoever holds its partition is the only writer of the call.
  absl::Status LockPartitions(const std::set<std::pair<std::string, int32_t>>& partitions);

  // The stored ones of these calls.
  absl::StatusOr<std::map<std::string, StoredCall>> Load(const std::set<std::string>& call_ids);

  // Remembers which message first brought each event, for those that nobody brought before. Returns the first source of
  // every event of the map, with true when it was remembered now.
  struct Source {
    MessagePlace place;
    bool is_new = false;
  };
  absl::StatusOr<std::map<std::string, Source>> ClaimEvents(const std::map<std::string, MessagePlace>& events);

  // Removes the rows of calls that are about to be written again.
  absl::Status RemoveCalls(const std::vector<std::string>& in_progress, const std::vector<std::string>& ended);

 private:
  absl::Status LoadFrom(const std::string& table, bool ended, const postgres::Parameter& ids,
                        std::map<std::string, StoredCall>* calls);

  postgres::Transaction& tx_;
};

}  // namespace trunkline::normalizer
