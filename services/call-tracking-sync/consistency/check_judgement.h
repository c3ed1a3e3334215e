// What a check says of the calls that it looked at: findings, counts and sums.
//
// Pure. A page of the platform's calls is looked at twice: first to see which of them must be asked for again, since
// the list may be older than what is here; then, with what those tell by themselves, for good.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/tracking/tracking_platform.h"
#include "services/call-tracking-sync/consistency/call_comparison.h"
#include "services/call-tracking-sync/consistency/check_rows.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

// Who is checked.
struct CheckedAccount {
  const tracking::Account& account;
  const tracking::TrackingPlatform& platform;
  ComparisonOptions options;

  std::string CallIdOf(std::string_view external_id) const;
};
CheckedAccount CheckedAccountOf(const tracking::Account& account, const tracking::TrackingPlatform& platform,
                                absl::Duration grace);

// Which of the calls differ from what is here, by their places in `calls`.
std::vector<size_t> FindDifferent(const CheckedAccount& checked, const std::vector<tracking::PlatformCall>& calls,
                                  const CallRecords& here);

struct Judgement {
  std::vector<tracking::v1::Finding> findings;
  std::vector<size_t> to_repair;  // places in the calls; their findings say `repaired`
};
// The findings of calls that the platform told, and what is to be brought in by the check's policy. Counts and sums go
// into `row`: sums over those that began in its window.
Judgement JudgeCalls(const CheckedAccount& checked, const std::vector<tracking::PlatformCall>& calls,
                     const CallRecords& here, CheckRow* row);
// A call here that the platform, asked for it alone, does not know.
tracking::v1::Finding JudgeExtra(const calls::v1::CallRecord& record, CheckRow* row);
// An element of the platform's list that is no call.
tracking::v1::Finding JudgeUnreadable(const tracking::BadCall& bad, CheckRow* row);

// The sum of this name, which is there from then on.
tracking::v1::CheckTotal* TotalOf(tracking::v1::Check* check, std::string_view name);
// Whether the sums agree: calls exactly, amounts to a hundredth for each call; with the platform's own report to one
// per cent, since it may be some hours old. `distinct` is how many calls the platform listed.
void CloseTotals(tracking::v1::Check* check);

}  // namespace trunkline::tracking_sync
