#include "tools/provider-twin/plivo/call_store.h"

#include <algorithm>

namespace trunkline::twin::plivo {

void CallStore::Add(const CallPtr& call) {
  call->ordinal = ++added_;
  calls_.push_back(call);
  by_uuid_[call->uuid] = call;
  while (calls_.size() > capacity_ && IsFinal(calls_.front()->status)) {
    const std::string uuid = calls_.front()->uuid;
    for (const RecordingPtr& recording : calls_.front()->recordings) recordings_.erase(recording->uuid);
    by_uuid_.erase(uuid);
    calls_.pop_front();
  }
}

CallPtr CallStore::Find(std::string_view auth_id, std::string_view uuid) const {
  const auto found = by_uuid_.find(std::string(uuid));
  return found != by_uuid_.end() && found->second->auth_id == auth_id ? found->second : nullptr;
}

bool CallStore::Remove(std::string_view uuid) {
  std::erase_if(calls_, [uuid](const CallPtr& call) { return call->uuid == uuid; });
  return by_uuid_.erase(std::string(uuid)) > 0;
}

RecordingPtr CallStore::FindRecording(std::string_view auth_id, std::string_view uuid) const {
  const auto found = recordings_.find(std::string(uuid));
  return found != recordings_.end() && found->second->auth_id == auth_id ? found->second : nullptr;
}

std::vector<RecordingPtr> CallStore::Recordings(std::string_view auth_id, std::string_view call_uuid) const {
  std::vector<RecordingPtr> out;
  for (const auto& [uuid, recording] : recordings_) {
    if (recording->auth_id != auth_id) continue;
    if (call_uuid.empty() || recording->call_uuid == call_uuid) out.push_back(recording);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const RecordingPtr& a, const RecordingPtr& b) { return a->started > b->started; });
  return out;
}

void CallStore::Clear() {
  calls_.clear();
  by_uuid_.clear();
  recordings_.clear();
  added_ = 0;
}

}  // namespace trunkline::twin::plivo
