#include "services/call-tracking-sync/fetches/notice_reader.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

constexpr absl::Duration kLinger = absl::Milliseconds(20);
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

NoticeReader::NoticeReader(const Options& options, const TrackedAccounts& accounts, FetchStore& store,
                           SyncMetrics& metrics)
    : accounts_(accounts),
      store_(store),
      metrics_(metrics),
      reader_(
          {.name = "reading webhooks",
           .consumer = {.bootstrap = options.bootstrap,
                        .group = options.group,
                        .topics = {options.topic},
                        .group_instance_id = options.group_instance_id,
                        .session_timeout = kSessionTimeout},
           .linger = kLinger,
           // Without the accounts nobody can tell whose webhooks they are.
           .may_begin = [this] { return accounts_.Get() != nullptr; }},
          [this](const std::vector<kafka::Message>& messages) { return Keep(messages); },
          [this](int64_t lag) { metrics_.SetWebhookLag(lag); }) {}

absl::Status NoticeReader::Keep(const std::vector<kafka::Message>& messages) {
  std::vector<Notice> notices;
  for (const kafka::Message& message : messages) {
    const std::optional<webhooks::v1::RawWebhook> raw = kafka::ParseValue<webhooks::v1::RawWebhook>(message);
    if (!raw.has_value()) continue;
    const TrackedAccountPtr account = accounts_.Find(raw->provider_account_id());
    if (account == nullptr) continue;
    std::vector<Notice> told = NoticesOf(*raw, *account);
    metrics_.CountNotices(account->platform->Name(), static_cast<int64_t>(told.size()));
    std::move(told.begin(), told.end(), std::back_inserter(notices));
  }
  return store_.Add(notices).status();
}

}  // namespace trunkline::tracking_sync
