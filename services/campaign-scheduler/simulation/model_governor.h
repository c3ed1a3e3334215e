// The governor: the real ledger behind a model of its one thread and of its journal. It can crash at any time, also
// between a commit to the journal and the answer; and it can be halted within a commit until another leads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/campaign-scheduler/simulation/chance.h"
#include "services/campaign-scheduler/simulation/event_queue.h"
#include "services/concurrency-governor/ledger/slot_ledger.h"

namespace trunkline::scheduler {

class ModelGovernor {
 public:
  using Granted = std::function<void(absl::StatusOr<governor::Slot>)>;
  // Whether a call goes on, as far as anybody can tell.
  using Inquire = std::function<governor::CallLife(const std::string& call_id)>;
  // Every commit of the journal.
  using Committed = std::function<void(const governor::LedgerChanges&)>;

  ModelGovernor(EventQueue& queue, Chance& chance, governor::LedgerOptions options, Inquire inquire,
                Committed committed, double stall = 0);

  // As the governor's service. Nothing comes back when it crashes meanwhile.
  void Acquire(const governor::SlotWish& wish, absl::Duration wait, Granted done);
  void Bind(const std::string& business_id, const std::string& slot_id, const std::string& call_id, Granted done);
  void Release(const std::string& business_id, const std::string& slot_id);
  void NoteEnded(const governor::CallNews& news);
  void LimitCampaign(const std::string& campaign_id, int max_concurrent_calls);
  void SetLimits(const governor::LevelKey& key, const governor::Limits& limits);

  void Crash(absl::Duration until_back);
  size_t live() const { return ledger_ == nullptr ? 0 : ledger_->live(); }
  size_t most_live() const { return most_live_; }

 private:
  using Command = std::function<void(governor::SlotLedger&, absl::Time)>;
  void Add(Command command);
  // Again and again until it is committed: what comes from call events waits in their topic for whoever leads.
  void Surely(Command command);
  void Lead();
  void Plan(absl::Time at);
  void Cycle();
  void Apply(const governor::LedgerChanges& changes);
  void Sweep();

  EventQueue& queue_;
  Chance& chance_;
  const governor::LedgerOptions options_;
  const Inquire inquire_;
  const Committed committed_;
  const double stall_;  // of commits: another leads before they come to an end
  // The journal.
  int64_t epoch_ = 0;
  std::map<governor::LevelKey, governor::Limits> limits_;
  governor::JournaledSlots journal_;
  int64_t deleted_until_ = 0;
  std::map<std::string, governor::LearnedCeiling> learned_;
  // The leader.
  std::unique_ptr<governor::SlotLedger> ledger_;  // null: nobody leads
  std::vector<Command> commands_;
  std::vector<std::function<void()>> replies_;  // of commands, after the commit
  std::unordered_map<governor::Ticket, Granted> tickets_;
  governor::Ticket next_ticket_ = 1;
  bool committing_ = false;
  absl::Time planned_ = absl::InfiniteFuture();
  size_t most_live_ = 0;
};

}  // namespace trunkline::scheduler
