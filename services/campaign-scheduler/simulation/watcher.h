// What must be true all the time, as it can be seen at the provider and in the tables. It keeps its own books and
// believes nobody.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/simulation/model_store.h"
#include "services/concurrency-governor/ledger/level.h"

namespace trunkline::scheduler {

class Watcher {
 public:
  // The most calls in progress that a level may have at any time; a level that is not there may have any number.
  using MostCalls = std::map<governor::LevelKey, int>;

  // `faults`: something may fail in this world.
  Watcher(MostCalls most_calls, bool faults) : most_calls_(std::move(most_calls)), faults_(faults) {}

  // An owner commits.
  void NoteCommit(const StoredCampaign& stored, int64_t epoch);
  // An attempt is committed.
  void NoteCommitted(const StoredCampaign& stored, const AttemptUnderWay& attempt, absl::Time now);
  // The provider was asked to dial.
  void NoteDialed(const StoredCampaign& stored, const std::string& attempt_id, absl::Time now);
  // The gateway told a call of it that the provider was never asked for: it counts as an attempt.
  void NoteNeverDialed(const std::string& attempt_id);
  void NoteCallEnded(const std::string& attempt_id, absl::Time now);
  // Somebody had to find out what nobody told, or something ended by its time. Where nothing fails nobody has to: what
  // stands behind a rule must not hide that the rule is broken.
  void NoteFoundOut(const std::string& what, const std::string& which) {
    Require(faults_, Concat("without faults nobody has to find out ", what), which);
  }
  // A business's list forbids the number from the beginning on.
  void NoteSuppressed(const std::string& business_id, const std::string& number) {
    suppressed_.insert({business_id, number});
  }
  void NoteState(const std::string& campaign_id, v1::CampaignState state, absl::Time now);
  // Everything is over.
  void NoteEnd(const StoredCampaign& stored);
  void Complain(std::string what) { complaints_.push_back(std::move(what)); }

  const std::vector<std::string>& complaints() const { return complaints_; }
  int64_t dialed() const { return dialed_; }

 private:
  struct Known {
    governor::Subject subject;
    std::string contact_id;
    absl::Time committed_at;
    absl::Time dial_before;
    int dials = 0;
    bool live = false;
  };
  void Require(bool holds, const std::string& rule, const std::string& which);

  const MostCalls most_calls_;
  const bool faults_;
  std::unordered_map<std::string, Known> attempts_;
  std::unordered_map<std::string, int64_t> epochs_;  // of campaigns, the latest that somebody committed in
  std::unordered_map<std::string, int> dials_of_contact_;
  std::unordered_map<std::string, int> never_dialed_of_contact_;
  std::unordered_map<std::string, int> live_of_contact_;
  std::map<governor::LevelKey, int> live_;
  std::map<std::string, std::vector<absl::Time>> commits_;  // by campaign, of the last minute
  struct Dial {
    absl::Time committed_at;
    int per_day = 0;  // of its number, by the rules of its campaign
  };
  std::map<std::pair<std::string, std::string>, std::vector<Dial>> dials_;  // by business and number
  std::map<std::string, absl::Time> stopped_at_;                            // campaigns that do not run
  std::map<std::string, absl::Time> ended_at_;                              // of contacts, their latest call
  std::set<std::pair<std::string, std::string>> suppressed_;                // business and number
  int64_t dialed_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace trunkline::scheduler
