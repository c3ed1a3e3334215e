// News of a provider that come over a connection which Trunkline keeps, such as an exchange's manager interface.
//
// The gateway opens one link for each account whose provider has them. The adapter connects, connects again after a
// loss (with growing pauses), and tells its sink what it hears. Each time it has connected it tells what is live, for
// nothing that happened in between is ever sent again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/providers/account.h"
#include "libs/providers/call_client.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::providers {

// What a link hears. Called by the link's own thread, one call at a time; a sink that waits lets the provider wait.
class LinkSink {
 public:
  virtual ~LinkSink() = default;

  // One message, as raw as a webhook: provider, event, call_id and link are set; the sink adds the rest. It goes the
  // way of every webhook.
  virtual void OnMessage(webhooks::v1::RawWebhook message) = 0;
  // All calls in progress at `at`, after each (re)connection and before any further message.
  virtual void OnLiveCalls(const std::vector<ProviderCall>& live, absl::Time at) = 0;
  // OK: connected. Else why not; the link goes on trying.
  virtual void OnState(const absl::Status& state) = 0;
};

// Ends its connection, and its calls of the sink, when it is destroyed.
class EventLink {
 public:
  virtual ~EventLink() = default;
};

}  // namespace trunkline::providers
