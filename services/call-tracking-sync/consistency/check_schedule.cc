#include "services/call-tracking-sync/consistency/check_schedule.h"

#include <algorithm>
#include <string>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/apply_mode.h"
#include "services/call-tracking-sync/consistency/check_rows.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Result;
using postgres::Transaction;

// Calls that began before are not where a check would look: the account is being cut over, and they are only compared.
absl::Time AppliedFrom(const tracking::Account& account) {
  const std::string mode = account.Setting(tracking::kApplyMode);
  if (mode == "shadow") return absl::InfiniteFuture();
  absl::Time from;
  std::string error;
  const bool has_from =
      mode == "new_calls" && absl::ParseTime(absl::RFC3339_full, account.Setting(tracking::kApplyFrom), &from, &error);
  return has_from ? InMicros(from) : absl::InfinitePast();
}

}  // namespace

absl::Status ScheduleChecks(Transaction& tx, const AccountAtWork& work, absl::Duration grace, absl::Time now) {
  const absl::Time applied_from = AppliedFrom(work.account);
  const std::string day = absl::FormatTime("%Y-%m-%d", now, absl::UTCTimeZone());
  TL_RETURN_IF_ERROR(work.fence(tx));
  TL_ASSIGN_OR_RETURN(const Result synchronized,
                      tx.Execute("SELECT FROM sync_status WHERE provider_account_id = $1 AND "
                                 "last_successful_sync_at IS NOT NULL",
                                 {work.account.id}));
  if (synchronized.empty()) return absl::OkStatus();
  const auto insert = [&](tracking::v1::CheckTrigger trigger, absl::Time from, absl::Time to) -> absl::Status {
    if (to <= applied_from) return absl::OkStatus();
    from = std::max(from, applied_from);
    // What is still to be read is not missing, and to ask for each of its calls would only hold the reading up.
    TL_ASSIGN_OR_RETURN(const Result reading,
                        tx.Execute("SELECT FROM sync_runs WHERE provider_account_id = $1 AND state IN ('queued', "
                                   "'running') AND range_from < $3 AND range_to > $2",
                                   {work.account.id, from, to}));
    if (!reading.empty()) return absl::OkStatus();
    const std::string name = Concat(work.account.id, " ", static_cast<int>(trigger), " ", day);
    NewCheck wanted = {.business_id = work.account.business_id,
                       .request_id = UuidOfName("scheduled check", name),
                       .actor = "call-tracking-sync"};
    wanted.check.set_check_id(UuidOfName("check", name));
    wanted.check.set_provider_account_id(work.account.id);
    wanted.check.set_platform(work.account.provider);
    wanted.check.set_subject(tracking::v1::CHECK_SUBJECT_PLATFORM);
    wanted.check.set_repair(tracking::v1::REPAIR_POLICY_MISSING);
    wanted.check.set_trigger(trigger);
    *wanted.check.mutable_range_start() = telephony::ToProto(from);
    *wanted.check.mutable_range_end() = telephony::ToProto(to);
    return InsertCheck(tx, wanted, now);
  };
  TL_RETURN_IF_ERROR(insert(tracking::v1::CHECK_TRIGGER_DAILY, now - absl::Hours(24), now - grace));
  return insert(tracking::v1::CHECK_TRIGGER_LATE_MONEY, now - absl::Hours(30 * 24), now - absl::Hours(29 * 24));
}

}  // namespace trunkline::tracking_sync
