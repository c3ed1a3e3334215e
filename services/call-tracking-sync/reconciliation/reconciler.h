// Carries out reconciliations of whole businesses, an hour of the range at a time.
//
// Replicas take turns: whoever takes a reconciliation up raises the number of its holding, and every commit names it;
// one whose holder is silent is taken up by another. What an hour gave, the messages for the topic, and the place after
// it are one transaction. A discrepancy that is found again unchanged is not told again; one that is not found any more
// is told as resolved.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/reconciliation/provider_records.h"
#include "services/call-tracking-sync/reconciliation/three_way.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

class Reconciler {
 public:
  struct Options {
    std::vector<std::string> platforms;  // the names of the call-tracking platforms
    ReconciliationRules rules = {};
    absl::Duration part = absl::Hours(1);       // of the range at a time
    absl::Duration around = absl::Hours(1);     // of it, to find what belongs together
    absl::Duration holding = absl::Minutes(5);  // how long a silent holder keeps one
    absl::Duration grace = absl::Hours(1);      // so old calls must be, for records to have settled
    absl::Duration destinations_for = absl::Hours(30 * 24);
    int most_tries = 5;  // of a part, while a provider cannot be asked
  };
  using OnEnd = std::function<void(const tracking::v1::Reconciliation&)>;

  // All of them outlive the object. The pool acts across businesses.
  Reconciler(postgres::Pool& pool, ProviderRecords& records, const Clock& clock, Options options, OnEnd on_end)
      : pool_(pool), records_(records), clock_(clock), options_(std::move(options)), on_end_(std::move(on_end)) {}

  // The next part of the oldest reconciliation that nobody holds; false when there is none. For one thread at a time.
  absl::StatusOr<bool> Work();
  // Writes down the reconciliation of the day for each business with a tracking account, once.
  absl::Status Schedule();

 private:
  struct Held;

  absl::StatusOr<Held> TakeUp();
  absl::StatusOr<Conversations> Load(const Held& held);
  // Asks for the records of the numbers in question. False when the part is to be tried again.
  absl::StatusOr<bool> AskProviders(Held& held, Conversations* conversations);
  absl::Status Conclude(Held held, const Conversations& conversations);

  postgres::Pool& pool_;
  ProviderRecords& records_;
  const Clock& clock_;
  const Options options_;
  const OnEnd on_end_;
};

}  // namespace trunkline::tracking_sync
