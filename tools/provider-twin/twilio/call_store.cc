#include "tools/provider-twin/twilio/call_store.h"

#include <algorithm>

namespace trunkline::twin::twilio {

void CallStore::Add(const CallPtr& call) {
  call->ordinal = ++added_;
  calls_.push_back(call);
  by_sid_[call->sid] = call;
  while (calls_.size() > capacity_ && IsFinal(calls_.front()->status)) {
    const std::string sid = calls_.front()->sid;
    for (const RecordingPtr& recording : calls_.front()->recordings) recordings_.erase(recording->sid);
    by_sid_.erase(sid);
    calls_.pop_front();
  }
}

CallPtr CallStore::Find(std::string_view account_sid, std::string_view sid) const {
  const auto found = by_sid_.find(std::string(sid));
  return found != by_sid_.end() && found->second->account_sid == account_sid ? found->second : nullptr;
}

bool CallStore::Remove(std::string_view sid) {
  std::erase_if(calls_, [sid](const CallPtr& call) { return call->sid == sid; });
  return by_sid_.erase(std::string(sid)) > 0;
}

RecordingPtr CallStore::FindRecording(std::string_view account_sid, std::string_view sid) const {
  const auto found = recordings_.find(std::string(sid));
  return found != recordings_.end() && found->second->account_sid == account_sid ? found->second : nullptr;
}

std::vector<RecordingPtr> CallStore::Recordings(std::string_view account_sid, std::string_view call_sid) const {
  std::vector<RecordingPtr> out;
  for (const auto& [sid, recording] : recordings_) {
    if (recording->account_sid != account_sid) continue;
    if (call_sid.empty() || recording->call_sid == call_sid) out.push_back(recording);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const RecordingPtr& a, const RecordingPtr& b) { return a->started > b->started; });
  return out;
}

void CallStore::Clear() {
  calls_.clear();
  by_sid_.clear();
  recordings_.clear();
  added_ = 0;
}

}  // namespace trunkline::twin::twilio
