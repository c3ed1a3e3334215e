#include "libs/providers/mock/link.h"

#include <utility>

#include "absl/time/clock.h"

namespace trunkline::providers::mock {

Link::Link(Exchange& exchange, const Account& account, LinkSink& sink)
    : exchange_(exchange), queue_(std::make_shared<NewsQueue>()) {
  std::vector<ProviderCall> live = exchange_.Listen(account, queue_);
  thread_ = std::thread([queue = queue_, &sink, calls = std::move(live), at = absl::Now()] {
    sink.OnState(absl::OkStatus());
    sink.OnLiveCalls(calls, at);
    while (std::optional<webhooks::v1::RawWebhook> message = queue->Pop()) sink.OnMessage(*std::move(message));
  });
}

Link::~Link() {
  exchange_.StopListening(queue_.get());
  queue_->Close();
  thread_.join();
}

}  // namespace trunkline::providers::mock
