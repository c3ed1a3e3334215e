// For tests: a ledger of a small deployment, and a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/base/text.h"
#include "services/concurrency-governor/ledger/slot_ledger.h"

namespace trunkline::governor {

inline LevelKey GlobalKey() { return {Level::kGlobal, ""}; }

inline LevelKey BusinessKey(const std::string& id) { return {Level::kBusiness, id}; }
inline LevelKey AccountKey(const std::string& id) { return {Level::kProviderAccount, id}; }

class SlotLedgerFixture : public testing::Test {
 protected:
  void Limit(const LevelKey& key, const Limits& limits) { ASSERT_TRUE(ledger_.SetLimits({{key, limits}}, {}).ok()); }

  void Ask(Ticket ticket, const std::string& business, const std::string& account = "",
           absl::Duration wait = absl::ZeroDuration(), SlotKind kind = SlotKind::kOrdinary) {
    ledger_.Acquire(ticket,
                    {.request_id = Concat("r", ticket),
                     .subject = {.business_id = business, .provider_account_id = account},
                     .kind = kind},
                    now_ + wait, now_);
  }
  std::vector<Decision> Advance(absl::Duration by = absl::ZeroDuration()) {
    now_ += by;
    ledger_.Advance(now_);
    return ledger_.TakeDecisions();
  }
  // The tickets that were granted now.
  std::vector<Ticket> Granted(absl::Duration by = absl::ZeroDuration()) {
    std::vector<Ticket> tickets;
    for (const Decision& decision : Advance(by)) {
      if (decision.outcome == Decision::Outcome::kGranted) tickets.push_back(decision.ticket);
    }
    return tickets;
  }
  void Release(const std::string& business, Ticket ticket) {
    ASSERT_TRUE(ledger_.Release(By(business, ticket), ReleaseReason::kReturned, now_).ok());
  }
  static SlotReference By(const std::string& business, Ticket ticket) {
    return {.business_id = business, .by = SlotReference::By::kRequest, .id = Concat("r", ticket)};
  }

  // As a reader of the journal finds them.
  static JournaledSlots Journaled(const LedgerChanges& changes) {
    JournaledSlots journaled;
    journaled.Read(changes);
    return journaled;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  SlotLedger ledger_{{.levels = {.global_calls = 4, .business_calls = 3}}, /*epoch=*/7};
};

}  // namespace trunkline::governor
