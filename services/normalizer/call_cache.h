// The calls in progress that this process wrote last, so that the next event of a call need not read its row again.
//
// What is in here may be older than the row: another normalizer may have had the call's partition meanwhile. So a
// cached call is only ever a guess, and these rules make it a safe one (docs/decisions/0014-cached-calls.md):
//
//   - a row is changed only while it has the version that is known here, otherwise the batch fails;
//   - a batch that fails, for whatever reason, empties the cache;
//   - a call is taken out for a batch and put back when the batch is committed;
//   - of a call with an event that was stored before this batch the row is read all the same.
//
// Bounded: calls that nothing was heard of for long fall out. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"
#include "trunkline/calls/v1/call_state.pb.h"

namespace trunkline::normalizer {

// A call, and which row it was read from or written to.
struct StoredCall {
  calls::v1::CallState state;
  std::string traceparent;
  bool has_row = false;
  bool ended = false;    // the row is in call_history
  uint32_t version = 0;  // its xmin: the transaction that wrote it
};

class CallCache {
 public:
  // Holds at least half as many calls as `limit`, and never more than `limit`.
  explicit CallCache(size_t limit) : limit_(limit) {}

  // Takes a call out; null when it is not there.
  std::unique_ptr<StoredCall> Take(UuidNumber call_id);
  void Put(UuidNumber call_id, std::unique_ptr<StoredCall> call);
  void Clear();
  size_t size() const;

 private:
  using Calls = absl::flat_hash_map<UuidNumber, std::unique_ptr<StoredCall>>;

  const size_t limit_;
  mutable std::mutex mutex_;
  // What is put goes to the young; when they are half of the limit they become the old, and the old of before are
  // forgotten. This is nearly "least recently used", without a list to keep.
  Calls young_;
  Calls old_;
};

}  // namespace trunkline::normalizer
