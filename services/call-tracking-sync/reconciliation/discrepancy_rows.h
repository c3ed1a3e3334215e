// The tables of reconciliations and discrepancies, as messages.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "trunkline/tracking/v1/call_discrepancy.pb.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

// For ReconciliationOfRow: columns of reconciliations.
std::string ReconciliationColumns();
tracking::v1::Reconciliation ReconciliationOfRow(const postgres::Result& rows, int row);
// One of the transaction's business; NOT_FOUND CHECK_NOT_FOUND.
absl::StatusOr<tracking::v1::Reconciliation> ReadReconciliation(postgres::Transaction& tx, std::string_view business_id,
                                                                std::string_view reconciliation_id);
// What has no columns of its own: counts and money.
std::string ProgressOf(const tracking::v1::Reconciliation& reconciliation);

// One that is to be written down: its range and trigger.
struct NewReconciliation {
  std::string business_id;
  std::string request_id;
  std::string actor;
  tracking::v1::Reconciliation reconciliation = {};
};
// Nothing is written when the request_id is known already.
absl::Status InsertReconciliation(postgres::Transaction& tx, const NewReconciliation& wanted, absl::Time now);

// Which discrepancies a reconciliation has judged: those of its part of the range, save what depends on providers that
// were not asked.
struct JudgedPart {
  std::string business_id;
  absl::Time from;
  absl::Time before;
  std::set<std::string> asked_accounts;
};
// Enters what was found: what is new or changed, and what is not found any more, is told through the outbox.
absl::Status PutDiscrepancies(postgres::Transaction& tx, const JudgedPart& part,
                              const std::vector<tracking::v1::CallDiscrepancy>& found, absl::Time now);

// Adds money to the sums by currency.
void AddAtStake(const tracking::v1::MoneyAtStake& money,
                google::protobuf::RepeatedPtrField<tracking::v1::MoneyAtStake>* sums);

}  // namespace trunkline::tracking_sync
