// The gateway with its dial intents, the provider behind it, and the call events that it all gives: lost, twice, late.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "services/campaign-scheduler/engine/inputs.h"
#include "services/campaign-scheduler/simulation/chance.h"
#include "services/campaign-scheduler/simulation/event_queue.h"
#include "services/campaign-scheduler/simulation/model_governor.h"
#include "services/campaign-scheduler/simulation/model_store.h"
#include "services/campaign-scheduler/simulation/outcome_model.h"
#include "services/campaign-scheduler/simulation/watcher.h"

namespace trunkline::scheduler {

struct MessageFaults {
  double lost = 0;    // of answers, and of events
  double twice = 0;   // of events
  double crash = 0;   // of the gateway, at each step of a dial
  double stall = 0;   // of a dial, between its admission and its intent
  double refuse = 0;  // of dials, for now
};

class ModelGateway {
 public:
  struct Parts {  // all of them outlive the gateway
    EventQueue& queue;
    Chance& chance;
    ModelStore& store;
    ModelGovernor& governor;
    Watcher& watcher;
  };
  // A new outcome is in the tables.
  using Told = std::function<void(const std::string& campaign_id)>;

  ModelGateway(Parts parts, OutcomeModel outcomes, MessageFaults faults, Told told)
      : parts_(parts), outcomes_(std::move(outcomes)), faults_(faults), told_(std::move(told)) {}

  // Nothing comes back when it crashes meanwhile.
  void InitiateCall(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                    std::function<void(absl::StatusOr<control::v1::Call>)> done);
  // Nothing while it is down.
  std::optional<FoundDial> FindDial(const std::string& attempt_id) const;
  absl::StatusOr<bool> InquireCall(const std::string& call_id);
  // As the governor asks.
  governor::CallLife LifeOf(const std::string& call_id);

  void Crash(absl::Duration until_back);
  // What it was asked before goes on when that time is over, in any order.
  void Freeze(absl::Duration time);
  // Until that time is over, half of the dials take long and half are refused for now.
  void Struggle(absl::Duration time);
  int64_t cost_micros() const { return cost_micros_; }
  absl::Duration talk() const { return talk_; }

 private:
  struct Dial {
    std::string campaign_id;
    governor::Subject subject;
    control::v1::Call call;
    AttemptOutcome outcome;
    bool asked = false;  // the provider
    bool ended = false;
  };
  bool IsUp() const { return parts_.queue.now() >= back_at_ && !IsFrozen(); }
  bool IsFrozen() const { return parts_.queue.now() < frozen_until_; }
  bool Struggles() const { return parts_.queue.now() < struggles_until_; }
  // As soon as it is not frozen.
  void Do(std::function<void()> step);
  bool MayCrash();
  // From the admission of a dial to its intent.
  absl::Duration TimeToCommit();
  void Commit(const std::string& business_id, const control::v1::InitiateCallRequest& request,
              const std::string& call_id, const std::function<void(absl::StatusOr<control::v1::Call>)>& done);
  void Ask(const std::string& attempt_id);
  void End(const std::string& attempt_id, const PlayedCall& played);
  void Tell(const std::string& attempt_id);
  void TellScheduler(const std::string& attempt_id);
  void TellGovernor(const std::string& attempt_id);

  const Parts parts_;
  const OutcomeModel outcomes_;
  const MessageFaults faults_;
  const Told told_;
  std::unordered_map<std::string, Dial> dials_;           // by attempt
  std::unordered_map<std::string, std::string> by_call_;  // the attempt
  absl::Time back_at_ = absl::InfinitePast();
  absl::Time frozen_until_ = absl::InfinitePast();
  absl::Time struggles_until_ = absl::InfinitePast();
  uint64_t crashes_ = 0;
  int64_t cost_micros_ = 0;
  absl::Duration talk_;
};

}  // namespace trunkline::scheduler
