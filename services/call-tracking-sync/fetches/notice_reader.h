// Reads the raw webhooks, in a consumer group over all replicas, and notes which calls those of call-tracking platforms
// told of. Offsets are committed when that is safe in the database; to read a webhook twice only reads its call twice.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/kafka/group_reader.h"
#include "services/call-tracking-sync/accounts/tracked_accounts.h"
#include "services/call-tracking-sync/metrics/sync_metrics.h"
#include "services/call-tracking-sync/store/fetch_store.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::tracking_sync {

// The calls that a webhook of an account told of; none for anything else.
std::vector<Notice> NoticesOf(const webhooks::v1::RawWebhook& raw, const TrackedAccount& account);

class NoticeReader {
 public:
  struct Options {
    std::string bootstrap;
    std::string topic;
    std::string group = "call-tracking-sync";
    std::string group_instance_id = {};  // see kafka::ConsumerOptions
  };

  // All of them outlive the object.
  NoticeReader(const Options& options, const TrackedAccounts& accounts, FetchStore& store, SyncMetrics& metrics);

  // OK while the webhooks are read.
  absl::Status status() const { return reader_.status(); }

 private:
  absl::Status Keep(const std::vector<kafka::Message>& messages);

  const TrackedAccounts& accounts_;
  FetchStore& store_;
  SyncMetrics& metrics_;
  kafka::GroupReader reader_;
};

}  // namespace trunkline::tracking_sync
