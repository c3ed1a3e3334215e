#include "services/call-tracking-sync/work/tracking_account.h"

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::tracking_sync {

absl::StatusOr<std::string> PlatformOfAccount(postgres::Transaction& tx, const tracking::Registry& platforms,
                                              std::string_view provider_account_id) {
  TL_ASSIGN_OR_RETURN(const postgres::Result rows,
                      tx.Execute("SELECT provider, enabled FROM telephony_providers WHERE provider_account_id = $1 AND "
                                 "business_id = current_business_id()",
                                 {provider_account_id}));
  if (rows.empty() || platforms.Find(rows.Text(0, 0)) == nullptr) {
    return Error(absl::StatusCode::kNotFound, Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND,
                 Concat("no account ", provider_account_id, " at a call-tracking platform"),
                 {{"provider_account_id", std::string(provider_account_id)}});
  }
  if (!rows.Boolean(0, 1)) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_PROVIDER_ACCOUNT_DISABLED,
                 Concat("account ", provider_account_id, " is disabled"),
                 {{"provider_account_id", std::string(provider_account_id)}});
  }
  return rows.String(0, 0);
}

}  // namespace trunkline::tracking_sync
