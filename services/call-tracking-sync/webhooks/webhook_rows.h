// The tables of the webhooks that stand at the platforms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "libs/tracking/platform_client.h"

namespace trunkline::tracking_sync {

// What is wished of an account's webhooks, and how far that is.
struct WebhookWish {
  std::string account_id;
  bool is_wanted = false;
  std::string actor;
  int64_t wish = 0;     // the number of the last one
  int64_t settled = 0;  // the last one that was carried out
  std::string urls_sha256;
  std::optional<absl::Time> verified_at = std::nullopt;
  absl::Time due_at;
  int tries = 0;
  std::string error;

  bool is_settled() const { return settled >= wish; }
};

// Of one account, or of all that the transaction sees when `account_id` is empty; by account.
absl::StatusOr<std::vector<WebhookWish>> ReadWishes(postgres::Transaction& tx, std::string_view account_id);

// The webhooks of an account as they were entered last, by event; their URLs are not kept.
absl::StatusOr<std::vector<tracking::WebhookEntry>> ReadWebhooks(postgres::Transaction& tx,
                                                                 std::string_view account_id);
// In the place of what was there.
absl::Status PutWebhooks(postgres::Transaction& tx, const tracking::Account& account,
                         const std::vector<tracking::WebhookEntry>& webhooks, absl::Time now);

}  // namespace trunkline::tracking_sync
