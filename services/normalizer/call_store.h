// The normalizer's tables: calls with their merged states, and the sources of events. All functions work inside one
// transaction of the caller.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/postgres/connection.h"
#include "services/normalizer/batch_mapper.h"
#include "services/normalizer/call_cache.h"

namespace trunkline::normalizer {

// Calls whose rows are to be changed, with the versions that are known of the rows.
struct RowVersions {
  std::vector<UuidNumber> call_ids;
  std::vector<uint32_t> versions;

  void Add(UuidNumber call_id, uint32_t version) {
    call_ids.push_back(call_id);
    versions.push_back(version);
  }
};

class CallStore {
 public:
  explicit CallStore(postgres::Transaction& transaction) : tx_(transaction) {}

  // Waits for any other normalizer that still writes for these partitions. A call's messages all have the same key, so
  // whoever holds its partition is the only writer of the call. Returns the version that every row has which this
  // transaction writes.
  absl::StatusOr<uint32_t> LockPartitions(const std::set<std::pair<std::string, int32_t>>& partitions);

  // The stored ones of these calls, without locking them.
  using Calls = absl::flat_hash_map<UuidNumber, std::unique_ptr<StoredCall>>;
  absl::StatusOr<Calls> Load(const std::vector<UuidNumber>& call_ids);
  // The same of shadow_calls.
  absl::StatusOr<Calls> LoadShadows(const std::vector<UuidNumber>& call_ids);

  // Remembers which message first brought each event, for those that nobody brought before. Each event is named once.
  // Returns the first source of every event, with true when it was remembered now. The places live as long as the
  // arguments and the store. ALREADY_EXISTS when another writer remembers one of them at the same time.
  struct Source {
    const MessagePlace* place = nullptr;
    bool is_new = false;
  };
  using Sources = absl::flat_hash_map<UuidNumber, Source>;
  absl::StatusOr<Sources> ClaimEvents(std::vector<std::pair<UuidNumber, const MessagePlace*>> events);

  // Removes rows of calls that are about to be written again, or elsewhere. ABORTED when another writer has changed one
  // of them since it was loaded.
  absl::Status Remove(std::string_view table, const RowVersions& rows);

  // Writes rows of call_queue again, in place: `rows` are AppendCall's, each with its known version after it. ABORTED
  // as above.
  absl::Status UpdateQueue(size_t count, const postgres::CopyBuffer& rows);

 private:
  absl::StatusOr<Calls> Read(const std::string& query, const std::vector<UuidNumber>& call_ids);

  postgres::Transaction& tx_;
  std::deque<MessagePlace> known_places_;
};

}  // namespace trunkline::normalizer
