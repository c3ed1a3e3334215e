// The calls and recordings that the twin knows; old calls that have ended are forgotten when there are too many.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/provider-twin/plivo/call.h"
#include "tools/provider-twin/plivo/recording.h"

namespace trunkline::twin::plivo {

using RecordingPtr = std::shared_ptr<Recording>;

class CallStore {
 public:
  explicit CallStore(size_t capacity) : capacity_(capacity) {}

  // Gives the call its place in the order.
  void Add(const CallPtr& call);
  // Null when there is none of that account.
  CallPtr Find(std::string_view auth_id, std::string_view uuid) const;
  bool Remove(std::string_view uuid);
  // Oldest first.
  const std::deque<CallPtr>& calls() const { return calls_; }
  int64_t added() const { return added_; }

  void AddRecording(const RecordingPtr& recording) { recordings_[recording->uuid] = recording; }
  RecordingPtr FindRecording(std::string_view auth_id, std::string_view uuid) const;
  bool RemoveRecording(std::string_view uuid) { return recordings_.erase(std::string(uuid)) > 0; }
  // Newest first; of one call unless `call_uuid` is empty.
  std::vector<RecordingPtr> Recordings(std::string_view auth_id, std::string_view call_uuid) const;

  void Clear();

 private:
  size_t capacity_;
  std::deque<CallPtr> calls_;
  std::unordered_map<std::string, CallPtr> by_uuid_;
  std::map<std::string, RecordingPtr> recordings_;
  int64_t added_ = 0;
};

}  // namespace trunkline::twin::plivo
