// For integration tests: the account at the platform in memory, read by the runners of its owner. Time is moved by
// hand.
#pragma once

#include <string>
#include <vector>

#include "libs/accounts/account_directory.h"
#include "libs/metrics/registry.h"
#include "services/call-tracking-sync/accounts/tracked_accounts.h"
#include "services/call-tracking-sync/budget/request_budget.h"
#include "services/call-tracking-sync/metrics/sync_metrics.h"
#include "services/call-tracking-sync/runs/account_parts.h"
#include "services/call-tracking-sync/runs/fetch_runner.h"
#include "services/call-tracking-sync/runs/pass_runner.h"
#include "services/call-tracking-sync/store/postgres_request_journal.h"
#include "services/call-tracking-sync/testing/memory_fixture.h"

namespace trunkline::tracking_sync {

class RunnerFixture : public MemoryFixture {
 protected:
  static constexpr int kMostSteps = 2'000;

  RunnerFixture() {
    Run(Concat("UPDATE sync_status SET known_since = to_timestamp(", absl::ToUnixSeconds(clock_.Now()), ")"));
    directory_.Set(std::make_shared<const accounts::AccountSnapshot>(std::vector<tracking::Account>{account_}));
  }

  AccountParts Parts() {
    return {.store = store_,
            .records = records_,
            .fetches = fetches_,
            .budget = budget_,
            .accounts = tracked_accounts_,
            .metrics = metrics_,
            .clock = clock_,
            .chance = [] { return 0.5; }};
  }
  CommitRecords Committing() {
    return [this](const tracking::Account& account, const RecordBatch& batch) {
      return records_.Commit(owner_of_account_, account, batch);
    };
  }
  // Steps until the runner has nothing to do at this time.
  template <typename Runner>
  void Work(Runner& runner) {
    for (int i = 0; i < kMostSteps; ++i) {
      const absl::StatusOr<StepResult> result = runner.Step();
      ASSERT_TRUE(result.ok()) << result.status();
      ASSERT_FALSE(result->over);
      if (result->wake_at > clock_.Now()) return;
    }
    ADD_FAILURE() << "it does not come to rest";
  }
  // The passes that are due, and what they leave to be read by id.
  void ReadAll() {
    Work(passes_);
    Work(fetcher_);
  }
  // What the first synchronization reads, the backfill of 30 days with it.
  void ReadAtFirst() {
    Work(passes_);
    clock_.Advance(absl::Seconds(2));
    ReadAll();
  }
  // As often as passes are due meanwhile.
  void ReadFor(absl::Duration time, absl::Duration step = absl::Minutes(5)) {
    for (absl::Duration passed; passed < time; passed += step) {
      clock_.Advance(step);
      ReadAll();
    }
  }

  // A call that goes on since then.
  tracking::TrackedCall MakeLiveCall(const std::string& id, absl::Duration ago) const {
    tracking::TrackedCall call = MakeCall(id, ago);
    call.status = calls::v1::CALL_STATUS_ANSWERED;
    call.ended_at = tracking::Told<absl::Time>::None();
    return call;
  }
  // What waits to go to Kafka, oldest first, and takes it out.
  std::vector<webhooks::v1::RawWebhook> TakeMessages() {
    std::vector<webhooks::v1::RawWebhook> messages;
    const absl::Status taken = owner_.InTransaction([&](postgres::Transaction& tx) -> absl::Status {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows,
                          tx.ExecuteBinary("SELECT message FROM tracking_outbox ORDER BY outbox_id"));
      for (int i = 0; i < rows.size(); ++i) messages.emplace_back().ParseFromString(rows.Bytes(i, 0));
      return tx.Execute("DELETE FROM tracking_outbox").status();
    });
    EXPECT_TRUE(taken.ok()) << taken;
    return messages;
  }
  // The facts among them.
  std::vector<events::v1::CallEvent> TakeFacts() {
    std::vector<events::v1::CallEvent> facts;
    for (webhooks::v1::RawWebhook& message : TakeMessages()) {
      if (message.has_fact()) facts.push_back(std::move(*message.mutable_fact()));
    }
    return facts;
  }

  const Ownership owner_of_account_ = {.account_id = kAccount, .business_id = kOurs, .epoch = 1};
  accounts::AccountDirectory directory_;
  TrackedAccounts tracked_accounts_{platforms_, directory_};
  AccountStore store_{worker_pool_};
  RecordStore records_{worker_pool_, clock_, [] {}};
  FetchStore fetches_{worker_pool_, absl::ZeroDuration()};
  PostgresRequestJournal journal_{worker_pool_};
  RequestBudget budget_{journal_, clock_, {}};
  metrics::Registry registry_;
  SyncMetrics metrics_{registry_};
  PassRunner passes_{Parts(), owner_of_account_, Committing()};
  FetchRunner fetcher_{Parts(), owner_of_account_, Committing()};
};

}  // namespace trunkline::tracking_sync
