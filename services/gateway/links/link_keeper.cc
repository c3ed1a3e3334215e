#include "services/gateway/links/link_keeper.h"

#include <set>
#include <utility>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/account_store.h"

namespace trunkline::gateway {
namespace {

using postgres::Transaction;

constexpr absl::Duration kInterval = absl::Seconds(2);
constexpr absl::Duration kLease = absl::Seconds(15);
// Before its end, by when a link that could not be renewed is closed.
constexpr absl::Duration kMargin = absl::Seconds(5);

bool SameAccount(const providers::Account& a, const providers::Account& b) {
  return a.settings == b.settings && a.credentials == b.credentials;
}

}  // namespace

LinkKeeper::LinkKeeper(Parts parts)
    : parts_(std::move(parts)),
      holder_(NewUuid(parts_.clock.Now())),
      keeping_(std::make_unique<BackgroundWorker>("keeping links", kInterval, [this] { return Keep(); })) {}

LinkKeeper::~LinkKeeper() {
  keeping_.reset();
  for (auto& [id, kept] : kept_) kept.Close();
  const absl::Status freed = parts_.pool.InTransaction([this](Transaction& tx) {
    return tx.Execute("DELETE FROM provider_links WHERE holder = $1", {holder_}).status();
  });
  if (!freed.ok()) LogWarning("the leases of links end by themselves", {{"error", freed}});
}

absl::StatusOr<bool> LinkKeeper::Keep() {
  const auto rows = parts_.pool.InTransaction([](Transaction& tx) { return ReadAccounts(tx, /*enabled_only=*/true); });
  if (!rows.ok()) {
    CloseOverdue();
    return rows.status();
  }
  std::set<std::string> wanted;
  for (const AccountRow& row : *rows) {
    const providers::Provider* provider = parts_.registry.Find(row.provider);
    if (provider == nullptr) continue;
    const absl::StatusOr<providers::Account> account = OpenAccount(row, parts_.vault);
    // The account feed tells of one that cannot be opened.
    if (!account.ok() || !provider->HasLink(*account)) continue;
    const absl::Time until = parts_.clock.Now() + kLease;
    const absl::StatusOr<bool> held = Hold(row.id, until);
    if (!held.ok()) {
      CloseOverdue();
      return held.status();
    }
    if (!*held) continue;
    wanted.insert(row.id);
    const auto known = kept_.find(row.id);
    if (known != kept_.end() && SameAccount(known->second.account, *account)) {
      known->second.held_until = until;
      continue;
    }
    Close(row.id);
    Kept kept{.account = *account,
              .sink = std::make_unique<OutboxLinkSink>(
                  OutboxLinkSink::Parts{parts_.pool, parts_.metrics, parts_.clock, parts_.facts_added}, *account),
              .link = nullptr,
              .held_until = until};
    kept.link = provider->OpenLink(*account, *kept.sink);
    kept_.emplace(row.id, std::move(kept));
  }
  std::vector<std::string> unwanted;
  for (const auto& [id, kept] : kept_) {
    if (!wanted.contains(id)) unwanted.push_back(id);
  }
  for (const std::string& id : unwanted) Close(id);
  return false;
}

absl::StatusOr<bool> LinkKeeper::Hold(const std::string& account_id, absl::Time until) {
  return parts_.pool.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    TL_ASSIGN_OR_RETURN(
        const postgres::Result rows,
        tx.Execute("INSERT INTO provider_links (provider_account_id, holder, held_until) VALUES ($1, $2, $3) "
                   "ON CONFLICT (provider_account_id) DO UPDATE SET holder = excluded.holder, "
                   "held_until = excluded.held_until "
                   "WHERE provider_links.holder = excluded.holder OR provider_links.held_until < $4 RETURNING 1",
                   {account_id, holder_, until, parts_.clock.Now()}));
    return !rows.empty();
  });
}

void LinkKeeper::Kept::Close() {
  sink->Stop();
  link.reset();
}

void LinkKeeper::Close(const std::string& account_id) {
  const auto found = kept_.find(account_id);
  if (found == kept_.end()) return;
  found->second.Close();
  kept_.erase(found);
  LogInfo("a link is closed", {{"provider_account_id", account_id}});
}

void LinkKeeper::CloseOverdue() {
  const absl::Time now = parts_.clock.Now();
  std::vector<std::string> overdue;
  for (const auto& [id, kept] : kept_) {
    if (kept.held_until - kMargin < now) overdue.push_back(id);
  }
  for (const std::string& id : overdue) Close(id);
}

}  // namespace trunkline::gateway
