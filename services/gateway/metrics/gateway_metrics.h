// The gateway's metrics: the one place of their names.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/metrics/registry.h"

namespace trunkline::gateway {

class GatewayMetrics {
 public:
  explicit GatewayMetrics(metrics::Registry& registry) : registry_(registry) {}

  // What came of a dial: placed, rejected, in_doubt, not_placed.
  void CountDial(std::string_view provider, std::string_view outcome);
  // A warm-up of a bot, with all its tries.
  void ObserveWarmUp(bool ready, absl::Duration took);
  // Time of a stage of the dial pipeline: find (of the request_id), select, admit, commit, record. Between
  // the last two the provider is asked.
  void ObserveStage(const std::string& stage, absl::Duration took);
  // Time of one request to a provider's API.
  void ObserveProvider(std::string_view provider, const std::string& operation, absl::Duration took);
  void SetUnresolvedDials(int64_t count);
  void SetOutbox(int64_t rows, absl::Duration age);
  void CountFactsPublished(int64_t count);
  // A message of a link: kept, lost.
  void CountLinkMessage(std::string_view provider, std::string_view outcome);
  // Whether an account's link is up.
  void SetLink(std::string_view provider_account_id, bool up);
  void SetWatchers(int64_t count);
  void CountSlowWatcher();
  // WebSockets of the HTTP API: how many are open, and with which code one was closed.
  void SetWebSockets(int64_t count);
  void CountWebSocketClose(int code);
  // A request to the HTTP API that was answered.
  void ObserveHttp(int status, absl::Duration took);

 private:
  metrics::Registry& registry_;
};

}  // namespace trunkline::gateway
