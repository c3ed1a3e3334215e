#include "services/gateway/accounts/account_feed.h"

#include <google/protobuf/util/message_differencer.h>

#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/account_store.h"

namespace trunkline::gateway {
namespace {

using accounts::v1::WatchWebhookAccountsResponse;
using postgres::Connection;
using postgres::Transaction;

// The feed looks at its stop request this often, and reads anew after so many looks.
constexpr absl::Duration kLook = absl::Milliseconds(200);
constexpr int kLooksBetweenReads = 150;

absl::Status ShuttingDown() {
  return Error(absl::StatusCode::kUnavailable, Reason::REASON_SHUTTING_DOWN, "the server stops; watch again");
}

WatchWebhookAccountsResponse SnapshotOf(const std::vector<AccountRow>& rows, const CredentialVault& vault,
                                        const Integrations& integrations) {
  WatchWebhookAccountsResponse snapshot;
  for (const AccountRow& row : rows) {
    if (!row.enabled) {
      if (integrations.IsTrackingPlatform(row.provider)) snapshot.add_disabled_account_ids(row.id);
      continue;
    }
    const absl::StatusOr<providers::Account> opened = OpenAccount(row, vault);
    if (!opened.ok()) {
      // Its webhooks are refused, those of all others are not.
      LogError("a provider account's credential cannot be opened",
               {{"provider_account_id", row.id}, {"error", opened.status()}});
      continue;
    }
    auto* account = snapshot.add_accounts();
    account->set_provider_account_id(opened->id);
    account->set_business_id(opened->business_id);
    account->set_provider(opened->provider);
    account->mutable_settings()->insert(opened->settings.begin(), opened->settings.end());
    account->mutable_credentials()->insert(opened->credentials.begin(), opened->credentials.end());
  }
  return snapshot;
}

}  // namespace

AccountFeed::AccountFeed(postgres::Pool& pool, std::string database_url, const CredentialVault& vault,
                         const Integrations& integrations, std::function<void()> on_change)
    : pool_(pool),
      database_url_(std::move(database_url)),
      vault_(vault),
      integrations_(integrations),
      on_change_(std::move(on_change)),
      follower_("following provider accounts", absl::ZeroDuration(), [this] { return Follow(); }) {}

absl::Status AccountFeed::Subscribe(const std::shared_ptr<Subscriber>& subscriber) {
  const std::lock_guard lock(mutex_);
  if (closed_) return ShuttingDown();
  subscribers_.insert(subscriber);
  // Under the lock, so that no later snapshot overtakes it.
  if (snapshot_ != nullptr) subscriber->Offer(snapshot_);
  return absl::OkStatus();
}

void AccountFeed::Unsubscribe(const std::shared_ptr<Subscriber>& subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.erase(subscriber);
}

void AccountFeed::Close() {
  std::set<std::shared_ptr<Subscriber>> subscribers;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    subscribers = subscribers_;
  }
  for (const auto& subscriber : subscribers) subscriber->End(ShuttingDown());
}

absl::Status AccountFeed::status() const {
  const std::lock_guard lock(mutex_);
  return snapshot_ != nullptr ? absl::OkStatus() : absl::UnavailableError("provider accounts are not read yet");
}

absl::StatusOr<bool> AccountFeed::Follow() {
  // One look: a change is read at once, and everything anew when the listener is new or has been quiet for long.
  bool read = false;
  if (listener_ == nullptr) {
    TL_ASSIGN_OR_RETURN(std::unique_ptr<Connection> opened, Connection::Open(database_url_));
    TL_RETURN_IF_ERROR(opened->Listen("provider_accounts"));
    listener_ = std::move(opened);
    quiet_looks_ = 0;
    read = true;
  } else {
    const absl::StatusOr<bool> notified = listener_->WaitForNotification(kLook);
    if (!notified.ok()) {
      listener_.reset();
      return notified.status();
    }
    read = *notified || ++quiet_looks_ >= kLooksBetweenReads;
  }
  if (!read) return true;
  quiet_looks_ = 0;
  on_change_();
  if (absl::Status status = Read(); !status.ok()) {
    listener_.reset();  // so that the next try reads again
    return status;
  }
  return true;
}

absl::Status AccountFeed::Read() {
  TL_ASSIGN_OR_RETURN(const std::vector<AccountRow> rows,
                      pool_.InTransaction([](Transaction& tx) { return ReadAccounts(tx, /*enabled_only=*/false); }));
  auto snapshot = std::make_shared<const WatchWebhookAccountsResponse>(SnapshotOf(rows, vault_, integrations_));
  const std::lock_guard lock(mutex_);
  if (snapshot_ != nullptr && google::protobuf::util::MessageDifferencer::Equals(*snapshot_, *snapshot)) {
    return absl::OkStatus();
  }
  snapshot_ = std::move(snapshot);
  for (const auto& subscriber : subscribers_) subscriber->Offer(snapshot_);
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
