// The transaction by which an owner commits a batch; see engine/commit.h.
//
//   1. the fence: the row of campaign_progress in this owner's epoch, and the campaign against changes
//   2. of planned attempts: numbers locked, do-not-call lists read, decided by the database's time
//   3. contacts moved
//   4. attempts, hours, outcomes, events and progress, in one statement
//   5. the campaign's own state, when it stops or completes
//
// Rows are locked in this order, numbers by number; whoever else changes campaigns does the same. The row of
// campaign_progress stands for the contacts of its campaign too: nobody writes them without it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "services/campaign-scheduler/engine/commit.h"
#include "services/campaign-scheduler/store/campaign_events.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

class CampaignCommit {
 public:
  // All of them outlive the object, which is used once.
  CampaignCommit(postgres::Transaction& tx, const Ownership& ownership, const Campaign& campaign,
                 const CommitBatch& batch, const std::vector<std::string>& blocked_prefixes)
      : tx_(tx), ownership_(ownership), given_(campaign), batch_(batch), blocked_prefixes_(blocked_prefixes) {}

  absl::StatusOr<CommitResult> Run();

 private:
  struct Allowed {
    const PlannedAttempt* attempt;
    v1::Decision decision;
  };
  // What becomes of a contact.
  struct Move {
    enum class From { kOpen, kInFlight };  // pending or waiting
    From from = From::kOpen;
    v1::ContactState to = v1::CONTACT_STATE_UNSPECIFIED;
    std::string contact_id;
    std::optional<absl::Time> due_at;
    v1::Disposition ending = v1::DISPOSITION_UNSPECIFIED;  // to be added
    int attempts = 0;
    v1::CallRule rule = v1::CALL_RULE_UNSPECIFIED;

    bool IsOfAttempt() const { return from == From::kInFlight || to == v1::CONTACT_STATE_IN_FLIGHT; }
  };

  // False: fenced.
  absl::StatusOr<bool> PassFence();
  absl::Status DecideAttempts();
  // Notes the dials of all planned attempts, and tells when the numbers were dialled before.
  absl::StatusOr<std::unordered_map<std::string, std::vector<absl::Time>>> TakeDials();
  // Of numbers that are not dialled, what counts for their caps.
  absl::Status TakeBackDials();
  void CollectMoves();
  absl::Status MoveContacts();
  absl::Status Write();
  absl::Status Transit(v1::CampaignState to, std::string_view actor, std::string_view reason);
  const Campaign& campaign() const { return result_.campaign.has_value() ? *result_.campaign : given_; }

  postgres::Transaction& tx_;
  const Ownership& ownership_;
  const Campaign& given_;
  const CommitBatch& batch_;
  const std::vector<std::string>& blocked_prefixes_;

  CommitResult result_;
  std::optional<CampaignEvents> events_;
  std::vector<Allowed> allowed_;
  std::vector<std::string> denied_numbers_;
  std::unordered_map<int64_t, Move> moves_;  // by position
  // By how contacts moved: what is added to each count, by state.
  int64_t added_[v1::ContactState_ARRAYSIZE] = {};
  int64_t unfinished_ = 0;
  int64_t total_ = 0;
};

}  // namespace trunkline::scheduler
