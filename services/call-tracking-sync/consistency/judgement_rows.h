// What a page of a check came to, as rows, and the calls that the window's pages listed so far.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "services/call-tracking-sync/consistency/check_judgement.h"
#include "services/call-tracking-sync/consistency/check_rows.h"

namespace trunkline::tracking_sync {

// The findings, and in the audit what was brought in.
absl::Status PutJudgement(postgres::Transaction& tx, const std::string& business_id, const CheckRow& row,
                          const Judgement& judgement);

absl::Status PutListed(postgres::Transaction& tx, const CheckRow& row, const std::string& business_id,
                       const std::vector<std::string>& call_ids);
// Which of the calls were listed.
absl::StatusOr<std::set<std::string>> ReadListed(postgres::Transaction& tx, const CheckRow& row,
                                                 const std::vector<std::string>& call_ids);
absl::Status ForgetListed(postgres::Transaction& tx, const CheckRow& row);

}  // namespace trunkline::tracking_sync
