// A replica of the scheduler: real engines, and a model of what runs them (dispatch, ownership). It can crash between
// any two effects, freeze, lose its connections, and its clock can jump.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign_engine.h"
#include "services/campaign-scheduler/simulation/chance.h"
#include "services/campaign-scheduler/simulation/event_queue.h"
#include "services/campaign-scheduler/simulation/model_gateway.h"
#include "services/campaign-scheduler/simulation/model_governor.h"
#include "services/campaign-scheduler/simulation/model_store.h"

namespace trunkline::scheduler {

struct ReplicaFaults {
  double crash = 0;          // at each effect
  double lost = 0;           // of answers
  double late = 0;           // of questions: they come when nobody expects them any more
  double wrong_clock = 0;    // of lives, in which the clock is wrong by up to five minutes
  double commit_lost = 0;    // nobody knows whether a commit was made
  double commit_failed = 0;  // certainly not made
};

class ModelReplica {
 public:
  struct Parts {  // all of them outlive the replica
    EventQueue& queue;
    Chance& chance;
    ModelStore& store;
    ModelGovernor& governor;
    ModelGateway& gateway;
  };
  struct Options {
    int number = 0;
    EngineOptions engine;
    ReplicaFaults faults;
    bool stops_by_itself = true;             // when it cannot show that it lives
    absl::Duration tick = absl::Seconds(1);  // it looks for campaigns that nobody runs, and for news
  };

  ModelReplica(Parts parts, Options options);

  // Another replica may run its campaigns: its session's lock is free, or it was silent for too long.
  bool MayBeReplaced() const;
  // An outcome of a campaign is in the tables.
  void NoteOutcome(const std::string& campaign_id);

  void Crash(absl::Duration until_back);
  // Hands over what it runs, and comes back as a new one.
  void Stop(absl::Duration until_back);
  void Freeze(absl::Duration time);
  void CutOff(absl::Duration time) { cut_off_until_ = parts_.queue.now() + time; }
  // Nothing fails any more: what was forgotten before, no crash heals.
  void BeCalm() { faults_ = {}; }
  // All replicas of the deployment, itself too.
  void Know(const std::vector<std::unique_ptr<ModelReplica>>* replicas) { replicas_ = replicas; }

 private:
  struct Run {
    int64_t epoch = 0;
    uint64_t generation = 0;
    std::unique_ptr<CampaignEngine> engine;  // null while it is loaded
    absl::Time wake_at = absl::InfiniteFuture();
    int64_t told_version = 0;
  };
  using Answer = std::function<Input()>;

  bool IsUp() const { return alive_; }
  bool IsCutOff() const { return parts_.queue.now() < cut_off_until_; }
  absl::Time LocalNow() const { return parts_.queue.now() + clock_offset_; }
  bool MayAct() const;
  void ComeBack();
  void Tick();
  void TakeWhatNobodyRuns();
  void Tell(const std::string& campaign_id, Run& run);
  void TellOutcomes(const std::string& campaign_id);
  void Take(const std::string& campaign_id);
  void Load(const std::string& campaign_id);
  // Comes to the engine, if it is still the same one.
  void Post(const std::string& campaign_id, uint64_t generation, Input input);
  // After the way to somebody: `asked` happens there and gives the answer; `failed` is what is told when there is none.
  void Ask(const std::string& campaign_id, Answer asked, Input failed);
  void Step(const std::string& campaign_id);
  void Wake(const std::string& campaign_id);
  // False: it crashed.
  bool Do(const std::string& campaign_id, Effect& effect);
  void Acquire(const std::string& campaign_id, const AcquireSlots& acquire);
  void Commit(const std::string& campaign_id, CommitBatch batch);
  void InitiateCall(const std::string& campaign_id, const Dial& dial);
  absl::Duration Way();

  const Parts parts_;
  const Options options_;
  ReplicaFaults faults_;
  const std::vector<std::unique_ptr<ModelReplica>>* replicas_ = nullptr;
  bool alive_ = true;
  uint64_t life_ = 0;
  absl::Time frozen_until_ = absl::InfinitePast();
  absl::Time cut_off_until_ = absl::InfinitePast();
  absl::Time dead_since_ = absl::InfinitePast();
  absl::Time heartbeat_at_;      // in the tables
  absl::Duration clock_offset_;  // for all of this life: a replica goes by a clock that nobody sets
  uint64_t generations_ = 0;
  std::map<std::string, Run> runs_;
};

}  // namespace trunkline::scheduler
