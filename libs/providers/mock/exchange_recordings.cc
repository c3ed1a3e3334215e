// Recordings of the made-up exchange.
#include <algorithm>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/mock/exchange.h"
#include "libs/providers/mock/exchange_errors.h"

namespace trunkline::providers::mock {
namespace {

constexpr absl::Duration kUntilReady = absl::Seconds(2);

}  // namespace

RecordingPtr Exchange::Record(const CallPtr& call) {
  auto recording = std::make_shared<Recording>();
  recording->started_at = timer_.Now();
  recording->id = Concat("MR", NewUuid(recording->started_at));
  recording->external_call_id = call->external_call_id;
  call->recordings.push_back(recording);
  accounts_[call->account->id].recordings[recording->id] = recording;
  TellRecording(call, recording);
  return recording;
}

void Exchange::StopRecording(const CallPtr& call, const RecordingPtr& recording) {
  if (recording->status != calls::v1::RECORDING_STATUS_IN_PROGRESS) return;
  const absl::Duration length = (timer_.Now() - recording->started_at) / call->time_scale;
  recording->length = absl::Ceil(length, absl::Seconds(1));
  recording->status = calls::v1::RECORDING_STATUS_PROCESSING;
  TellRecording(call, recording);
  // Ready also when the call has ended meanwhile.
  timer_.After(kUntilReady * call->time_scale, [this, call, recording] {
    const std::lock_guard lock(mutex_);
    recording->status = calls::v1::RECORDING_STATUS_READY;
    TellRecording(call, recording);
  });
}

void Exchange::TellRecording(const CallPtr& call, const RecordingPtr& recording) {
  Tell(call, events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED, [&recording](events::v1::CallEvent& event) {
    *event.mutable_details()->mutable_recording() = Describe(*recording).recording;
  });
}

absl::StatusOr<ProviderRecording> Exchange::StartRecording(const Account& account, const LiveCall& call) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  return Describe(*Record(found));
}

absl::Status Exchange::StopRecording(const Account& account, const LiveCall& call, std::string_view recording_id) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, Find(account, call.external_call_id));
  for (const RecordingPtr& recording : found->recordings) {
    if (recording_id.empty() || recording->id == recording_id) StopRecording(found, recording);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ProviderRecording>> Exchange::Recordings(const Account& account,
                                                                    std::string_view external_call_id) const {
  const std::lock_guard lock(mutex_);
  TL_RETURN_IF_ERROR(Find(account, external_call_id).status());
  std::vector<ProviderRecording> found;
  for (const auto& [id, recording] : accounts_.find(account.id)->second.recordings) {
    if (recording->external_call_id == external_call_id) found.push_back(Describe(*recording));
  }
  return found;
}

absl::StatusOr<ProviderRecording> Exchange::FindRecording(const Account& account, std::string_view recording_id) const {
  const std::lock_guard lock(mutex_);
  const auto state = accounts_.find(account.id);
  if (state == accounts_.end()) return NoSuch("recording");
  const auto found = state->second.recordings.find(recording_id);
  if (found == state->second.recordings.end()) return NoSuch("recording");
  return Describe(*found->second);
}

absl::Status Exchange::DeleteRecording(const Account& account, std::string_view recording_id) {
  const std::lock_guard lock(mutex_);
  const auto state = accounts_.find(account.id);
  if (state == accounts_.end()) return absl::OkStatus();
  const auto found = state->second.recordings.find(recording_id);
  if (found == state->second.recordings.end()) return absl::OkStatus();
  if (found->second->status == calls::v1::RECORDING_STATUS_IN_PROGRESS) return WrongState("the call is being recorded");
  state->second.recordings.erase(found);
  return absl::OkStatus();
}

}  // namespace trunkline::providers::mock
