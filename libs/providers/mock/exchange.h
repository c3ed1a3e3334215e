// The made-up telephone exchange: carries calls on in time and tells what happens. Thread-safe; accounts are told apart
// by their id.
//
// The life of calls is in exchange.cc, plans are played in exchange_plans.cc, calls in progress controlled in
// exchange_controls.cc, recordings in exchange_recordings.cc.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/providers/mock/call.h"
#include "libs/providers/mock/news_queue.h"
#include "libs/providers/mock/plan_source.h"
#include "libs/providers/mock/timer.h"

namespace trunkline::providers::mock {

// A call that comes in.
struct InboundCall {
  std::string from;
  std::string to;
  absl::Duration patience = absl::Minutes(5);  // until the caller hangs up
  std::vector<std::string> keys;               // pressed at the first, second ... gather; empty presses nothing
};

class Exchange {
 public:
  // `timer` outlives the exchange. Calls of accounts with a webhook_secret get their plans from `plans`.
  Exchange(Timer& timer, std::unique_ptr<PlanSource> plans);
  ~Exchange();

  // The call's id at the exchange. Starts an outbound call whatever its script says of the reply.
  std::string Place(const Account& account, std::string call_id, std::string to, const DialOptions& options);
  std::string Receive(const Account& account, const InboundCall& inbound);

  absl::StatusOr<ProviderCall> Fetch(const Account& account, std::string_view external_call_id) const;
  std::vector<ProviderCall> List(const Account& account, const CallFilter& filter) const;
  // OK when it has ended already.
  absl::Status End(const Account& account, std::string_view external_call_id);

  // The calls in progress; from now on their news go into `queue`.
  std::vector<ProviderCall> Listen(const Account& account, std::shared_ptr<NewsQueue> queue);
  void StopListening(const NewsQueue* queue);

  // Controls. FAILED_PRECONDITION when the call is in no state for it.
  absl::Status Play(const Account& account, const LiveCall& call, const plans::v1::CallPlan& plan);
  absl::Status Answer(const Account& account, const LiveCall& call, const plans::v1::CallPlan& plan);
  absl::Status Hold(const Account& account, const LiveCall& call);
  absl::Status Resume(const Account& account, const LiveCall& call);
  absl::Status Transfer(const Account& account, const LiveCall& call, const TransferRequest& request);
  absl::Status CompleteTransfer(const Account& account, const LiveCall& call);
  absl::Status CancelTransfer(const Account& account, const LiveCall& call);
  absl::Status JoinConference(const Account& account, const LiveCall& call, const ConferenceRequest& request);
  // For what changes nothing that the exchange knows: OK when the call is answered.
  absl::Status CheckAnswered(const Account& account, const LiveCall& call) const;

  absl::StatusOr<ProviderRecording> StartRecording(const Account& account, const LiveCall& call);
  absl::Status StopRecording(const Account& account, const LiveCall& call, std::string_view recording_id);
  absl::StatusOr<std::vector<ProviderRecording>> Recordings(const Account& account,
                                                            std::string_view external_call_id) const;
  absl::StatusOr<ProviderRecording> FindRecording(const Account& account, std::string_view recording_id) const;
  absl::Status DeleteRecording(const Account& account, std::string_view recording_id);

 private:
  using Task = std::function<void(const CallPtr& call)>;
  using Fill = std::function<void(events::v1::CallEvent& event)>;

  struct AccountState {
    std::deque<CallPtr> calls;  // oldest first
    std::map<std::string, RecordingPtr, std::less<>> recordings;
    std::vector<std::shared_ptr<NewsQueue>> listeners;
  };

  // All below: with the lock held.
  absl::StatusOr<CallPtr> Find(const Account& account, std::string_view external_call_id) const;
  absl::StatusOr<CallPtr> FindAnswered(const Account& account, const LiveCall& call) const;
  void Add(const CallPtr& call);
  // Both run the task when the simulated time has passed, unless the call has ended; InstructionsLater also unless it
  // has other instructions.
  void Later(const CallPtr& call, absl::Duration simulated, Task task);
  void InstructionsLater(const CallPtr& call, absl::Duration simulated, Task task);
  void Tell(const CallPtr& call, events::v1::CallEventType type, const Fill& fill = {});
  void Move(const CallPtr& call, calls::v1::CallStatus status, events::v1::CallEventType type);

  void Ring(const CallPtr& call);
  void PickUp(const CallPtr& call);
  void Finish(const CallPtr& call, calls::v1::CallStatus status, calls::v1::HangupCause cause,
              calls::v1::HangupSource source);
  void HangUpLater(const CallPtr& call, absl::Duration simulated);

  void AskForPlan(const CallPtr& call, std::string step, std::string digits = {}, std::string speech = {});
  void StartPlan(const CallPtr& call, const plans::v1::CallPlan& plan);
  using Verbs = std::shared_ptr<const std::deque<plans::v1::Verb>>;
  void PlayVerb(const CallPtr& call, const Verbs& verbs, size_t at);
  void PlayGather(const CallPtr& call, const Verbs& verbs, size_t at);
  void PlayDial(const CallPtr& call, const Verbs& verbs, size_t at);
  void GoOn(const CallPtr& call, const Verbs& verbs, size_t at, const std::string& step);

  RecordingPtr Record(const CallPtr& call);
  void StopRecording(const CallPtr& call, const RecordingPtr& recording);
  void TellRecording(const CallPtr& call, const RecordingPtr& recording);

  Timer& timer_;
  mutable std::mutex mutex_;
  std::map<std::string, AccountState, std::less<>> accounts_;
  std::unique_ptr<PlanSource> plans_;
};

}  // namespace trunkline::providers::mock
