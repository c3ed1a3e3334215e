#include "services/gateway/api/webhook_account_handler.h"

#include <memory>

#include "libs/rpc/stream_writer.h"

namespace trunkline::gateway {
namespace {

using accounts::v1::WatchWebhookAccountsResponse;
using Stream = rpc::StreamWriter<WatchWebhookAccountsResponse>;

// The feed's view of a stream.
class StreamSubscriber final : public AccountFeed::Subscriber {
 public:
  void Attach(const std::shared_ptr<Stream>& stream) { stream_ = stream; }
  void Offer(const AccountFeed::Snapshot& snapshot) override {
    if (const auto stream = stream_.lock()) stream->Offer(snapshot);
  }
  void End(const absl::Status& status) override {
    if (const auto stream = stream_.lock()) stream->End(status);
  }

 private:
  std::weak_ptr<Stream> stream_;
};

}  // namespace

grpc::ServerWriteReactor<WatchWebhookAccountsResponse>* WebhookAccountHandler::WatchWebhookAccounts(
    grpc::CallbackServerContext* context, const accounts::v1::WatchWebhookAccountsRequest* /*request*/) {
  const auto subscriber = std::make_shared<StreamSubscriber>();
  const auto stream = Stream::Make({.most_waiting = 1, .on_full = rpc::StreamFull::kKeepLatest},
                                   [this, subscriber](Stream*, const absl::Status&) { feed_.Unsubscribe(subscriber); });
  subscriber->Attach(stream);
  if (const auto caller = authenticator_.Authenticate(rpc::BearerKeyOf(*context)); !caller.ok()) {
    stream->End(caller.status());
  } else if (const absl::Status status = feed_.Subscribe(subscriber); !status.ok()) {
    stream->End(status);
  }
  stream->Open();
  return stream.get();
}

}  // namespace trunkline::gateway
