#include "services/call-tracking-sync/upkeep/owned_account.h"

#include <string>

#include "libs/base/status.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::PlatformCall;

absl::Status NotOurs() { return absl::AbortedError("another replica owns the account"); }

absl::Status Fence(Transaction& tx, const OwnedAccount& owned) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT FROM sync_status WHERE provider_account_id = $1 AND epoch = "
                                 "$2 FOR SHARE",
                                 {owned.account.id, owned.epoch}));
  return rows.empty() ? NotOurs() : absl::OkStatus();
}

absl::Status Forget(Transaction& tx, const OwnedAccount& owned, const std::vector<PlatformCall>& calls) {
  std::vector<std::string> ids;
  ids.reserve(calls.size());
  for (const PlatformCall& call : calls) ids.push_back(call.call.external_id);
  return tx
      .Execute(
          "UPDATE tracked_records SET content_hash = ''::bytea, version = NULL WHERE provider_account_id = $1 AND "
          "external_id = ANY ($2::text[])",
          {owned.account.id, Parameter::Array(ids)})
      .status();
}

absl::Status Send(const OwnedAccount& owned, const std::vector<PlatformCall>& calls,
                  webhooks::v1::RecordReason reason) {
  const absl::Status forgotten = owned.pool.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(Fence(tx, owned));
    return Forget(tx, owned, calls);
  });
  TL_RETURN_IF_ERROR(forgotten);
  TL_ASSIGN_OR_RETURN(const bool committed, owned.commit(calls, reason));
  return committed ? absl::OkStatus() : NotOurs();
}

}  // namespace

AccountAtWork AtWork(const OwnedAccount& owned) {
  return {.account = owned.account,
          .platform = owned.platform,
          .fence = [owned](Transaction& tx) { return Fence(tx, owned); },
          .send_records = [owned](const std::vector<PlatformCall>& calls,
                                  webhooks::v1::RecordReason reason) { return Send(owned, calls, reason); }};
}

}  // namespace trunkline::tracking_sync
