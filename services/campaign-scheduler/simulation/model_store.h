// A model of the scheduler's tables: what store/campaign_commit.cc does in one transaction, in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/commit.h"
#include "services/campaign-scheduler/engine/inputs.h"
#include "services/campaign-scheduler/rules/people_reached.h"

namespace trunkline::scheduler {

struct StoredContact {
  Contact contact;
  v1::CallRule last_rule = v1::CALL_RULE_UNSPECIFIED;
};

struct StoredCampaign {
  Campaign campaign;
  int64_t epoch = 0;
  int owner = -1;                                    // a replica; -1: nobody runs it
  std::vector<StoredContact> contacts;               // position 1 first
  std::set<std::pair<int, int64_t>> pending;         // -priority, position
  std::set<std::pair<absl::Time, int64_t>> waiting;  // due_at, position
  std::unordered_map<std::string, AttemptUnderWay> under_way;
  std::map<std::string, AttemptOutcome> outcomes;  // told, not taken over
  std::deque<absl::Time> commits;                  // of the last minute, and the last one
  PeopleReached people;
  absl::Time running_since;
  int64_t unfinished = 0;
  int64_t attempts = 0;
  std::map<v1::Disposition, int64_t> dispositions;
};

class ModelStore {
 public:
  // Told of every commit by its epoch, and of every attempt that is committed.
  struct Watch {
    std::function<void(const StoredCampaign&, int64_t epoch)> commit;
    std::function<void(const StoredCampaign&, const AttemptUnderWay&, absl::Time now)> attempt;
  };
  explicit ModelStore(Watch watch) : watch_(std::move(watch)) {}

  // Its contacts are pending, from position 1 on; those that wait for their time are waiting.
  void Add(Campaign campaign, std::vector<Contact> contacts, absl::Time now);
  void Suppress(const std::string& business_id, const std::string& number) {
    suppressed_.insert({business_id, number});
  }

  // Commands.
  void SetState(const std::string& campaign_id, v1::CampaignState state, absl::Time now);
  int64_t RaiseEpoch(const std::string& campaign_id, int owner);

  // As in CampaignStore.
  absl::StatusOr<Takeover> Load(const std::string& campaign_id, int64_t epoch, absl::Time now);
  DueContacts ReadDue(const std::string& campaign_id, const scheduler::ReadDue& wanted, absl::Time now) const;
  CommitResult Commit(const std::string& campaign_id, int64_t epoch, const Campaign& given, const CommitBatch& batch,
                      absl::Time now);
  void KeepOutcome(const std::string& campaign_id, AttemptOutcome outcome);

  std::map<std::string, StoredCampaign>& campaigns() { return campaigns_; }
  StoredCampaign& of(const std::string& campaign_id) { return campaigns_.at(campaign_id); }

 private:
  NumberFacts FactsOf(const std::string& business_id, const std::string& number) const;
  void Move(StoredCampaign& stored, int64_t position, v1::ContactState to, std::optional<absl::Time> due_at);
  void Deny(StoredCampaign& stored, const v1::Contact& contact, const v1::Decision& decision);

  const Watch watch_;
  std::map<std::string, StoredCampaign> campaigns_;
  absl::flat_hash_map<std::pair<std::string, std::string>, std::vector<absl::Time>> dials_;  // by business and number
  absl::flat_hash_set<std::pair<std::string, std::string>> suppressed_;
};

}  // namespace trunkline::scheduler
