#include "services/call-tracking-sync/fetches/notice_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

constexpr absl::Duration kPatience = absl::Milliseconds(200);
constexpr absl::Duration kLinger = absl::Milliseconds(20);
constexpr size_t kBatch = 2'000;
// The webhooks of a reader that died are read by others after it.
constexpr absl::Duration kSessionTimeout = absl::Seconds(6);

}  // namespace

std::vector<Notice> NoticesOf(const webhooks::v1::RawWebhook& raw, const TrackedAccount& account) {
  std::vector<Notice> notices;
  if (!raw.has_http()) return notices;
  providers::WebhookRequest request{.method = raw.http().method(), .url = raw.http().url(), .body = raw.http().body()};
  request.event = raw.event();
  request.received_at = telephony::FromProto(raw.received_at());
  const absl::StatusOr<tracking::ReceivedWebhook> read = account.platform->Receiver().Read(request, account.account);
  if (!read.ok()) return notices;
  for (const std::string& id : read->external_ids) {
    notices.push_back({.account_id = account.account.id, .external_id = id, .received_at = request.received_at});
  }
  return notices;
}

NoticeReader::NoticeReader(Options options, const TrackedAccounts& accounts, FetchStore& store, SyncMetrics& metrics)
    : options_(std::move(options)),
      accounts_(accounts),
      store_(store),
      metrics_(metrics),
      status_(absl::UnavailableError("webhooks are not read yet")),
      worker_("reading webhooks", absl::Milliseconds(100), [this] {
        absl::StatusOr<bool> more = Read();
        const std::lock_guard lock(mutex_);
        status_ = more.status();
        return more;
      }) {}

absl::Status NoticeReader::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

absl::StatusOr<bool> NoticeReader::Read() {
  // Without the accounts nobody can tell whose webhooks they are.
  if (accounts_.Get() == nullptr) return false;
  if (consumer_ == nullptr) {
    TL_ASSIGN_OR_RETURN(consumer_, kafka::Consumer::Start({.bootstrap = options_.bootstrap,
                                                           .group = options_.group,
                                                           .topics = {options_.topic},
                                                           .group_instance_id = options_.group_instance_id,
                                                           .session_timeout = kSessionTimeout}));
  }
  absl::Status done;
  if (absl::StatusOr<std::vector<kafka::Message>> messages = consumer_->Poll(kBatch, kPatience, kLinger);
      messages.ok()) {
    metrics_.SetWebhookLag(consumer_->Lag());
    if (messages->empty()) return true;
    done = Keep(*messages);
    if (done.ok()) done = consumer_->Commit(*messages);
  } else {
    done = messages.status();
  }
  if (done.ok()) return true;
  // Reads from the last committed offsets again.
  consumer_.reset();
  return done;
}

absl::Status NoticeReader::Keep(const std::vector<kafka::Message>& messages) {
  std::vector<Notice> notices;
  for (const kafka::Message& message : messages) {
    webhooks::v1::RawWebhook raw;
    if (!raw.ParseFromArray(message.value().data(), static_cast<int>(message.value().size()))) {
      LogWarning("a message of the raw webhooks cannot be read",
                 {{"partition", message.partition()}, {"offset", message.offset()}});
      continue;
    }
    const TrackedAccountPtr account = accounts_.Find(raw.provider_account_id());
    if (account == nullptr) continue;
    std::vector<Notice> told = NoticesOf(raw, *account);
    metrics_.CountNotices(account->platform->Name(), static_cast<int64_t>(told.size()));
    std::move(told.begin(), told.end(), std::back_inserter(notices));
  }
  return store_.Add(notices).status();
}

}  // namespace trunkline::tracking_sync
