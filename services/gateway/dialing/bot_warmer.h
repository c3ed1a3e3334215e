// Makes the bot that is to speak in a call ready before the call is dialled: asks its URL with POST until it answers
// with 2xx.
//
// Calls of one business that need the same bot at the same time wait for one warm-up together, and for a while after it
// calls need none (BotWarmUp.stays_ready). A bot is asked again, with growing pauses, as often as its settings say.
// Nothing is committed yet when a warm-up fails: the slot is given back and nobody is dialled.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/http/client.h"
#include "services/gateway/metrics/gateway_metrics.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/control/v1/bot_warm_up.pb.h"

namespace trunkline::gateway {

// The call that a bot is wanted for, as the bot is told: it may prepare for this very campaign. No phone numbers.
struct WarmUpSubject {
  std::string business_id;
  std::string call_id;
  std::string campaign_id;
  std::string attempt_id;
};

class BotWarmer {
 public:
  struct Options {
    std::string campaign_url;  // for calls of campaigns that name no bot; empty: none
    absl::Duration timeout = absl::Seconds(60);
    int retries = 3;
    absl::Duration first_pause = absl::Seconds(1);  // before the second try; it doubles with each
    absl::Duration longest_pause = absl::Seconds(30);
    size_t most_waiting = 128;  // calls that wait for bots at the same time
    bool private_addresses = false;
  };
  using Post = std::function<absl::StatusOr<http::Response>(const http::ClientRequest&)>;

  // All of them outlive the object.
  BotWarmer(Options options, Post post, GatewayMetrics& metrics, const Clock& clock);

  // The bot that a call needs: the one it names, or for a call of a campaign the deployment's. Nothing when it needs
  // none.
  std::optional<control::v1::BotWarmUp> BotOf(const control::v1::BotWarmUp* named, bool of_campaign) const;

  // Blocks until the bot is ready. UNAVAILABLE WARM_UP_FAILED when no try succeeded or this process stops;
  // RESOURCE_EXHAUSTED LIMIT_REACHED with RetryInfo when too many calls wait for bots. Thread-safe.
  absl::StatusOr<calls::v1::WarmUpResult> MakeReady(const control::v1::BotWarmUp& bot, const WarmUpSubject& subject);

  // Whether a call would need no warm-up now.
  bool IsReady(const control::v1::BotWarmUp& bot, const std::string& business_id);

  // Calls that wait for bots.
  size_t waiting() const;

  // Ends the pauses between tries; from now on every warm-up fails.
  void Close();

 private:
  using Key = std::pair<std::string, std::string>;  // business and URL
  // One warm-up, and who waits for it.
  struct Flight {
    bool done = false;
    absl::Status outcome;
  };

  absl::Status Ask(const control::v1::BotWarmUp& bot, const WarmUpSubject& subject, int* tries);
  absl::Status AskOnce(const control::v1::BotWarmUp& bot, const WarmUpSubject& subject);
  // False when this process stops.
  bool Pause(absl::Duration time);
  void ForgetOld(absl::Time now);

  const Options options_;
  const Post post_;
  GatewayMetrics& metrics_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  size_t waiting_ = 0;
  std::map<Key, std::shared_ptr<Flight>> flights_;
  std::map<Key, absl::Time> ready_until_;
};

// The client for bots' URLs, which businesses choose.
http::ClientOptions BotClientOptions(bool private_addresses);

}  // namespace trunkline::gateway
