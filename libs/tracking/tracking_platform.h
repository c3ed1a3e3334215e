// What a call-tracking platform's adapter gives to Trunkline, in parts, each for the service that needs it:
//
//   TrackingReceiver  webhook-ingest       is a webhook genuine, which calls is it about
//   WebhookMapper     normalizer           which call events do a webhook, and a record that was read, tell
//   PlatformClient    call-tracking-sync   calls, webhooks, numbers, campaigns and reports over the platform's API
//
// A call-tracking platform is a provider's sibling: its accounts, raw messages, events and records are the same. All
// parts are thread-safe and hold no state of an account. A new platform is a folder beside the others and one line in
// built_in_platforms.cc (docs/adding-a-tracking-platform.md).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/providers/webhook_mapper.h"
#include "libs/tracking/account_settings.h"
#include "libs/tracking/platform_client.h"
#include "libs/tracking/request_gate.h"
#include "libs/tracking/tracking_error.h"
#include "libs/tracking/tracking_receiver.h"
#include "trunkline/tracking/v1/feature.pb.h"

namespace trunkline::tracking {

// What every platform is made with. What is pointed to outlives it.
struct PlatformOptions {
  std::string public_url;                                    // base of the webhook URLs, without a slash at its end
  std::optional<absl::Duration> api_timeout = std::nullopt;  // for one request; the platform's own unless set
  RequestGate* gate = nullptr;                               // none: every request is let through
  const Clock* clock = nullptr;                              // never null
};

// In what the platforms' records are compared with the calls here in different ways.
struct ComparisonRules {
  absl::Duration answered_at = absl::Seconds(5);  // what is let pass; more where the time is derived from others
  bool ids_ignore_case = false;
  bool tags_are_sets = false;  // "a,b" and "b,a" are the same value
};

// How a platform wants to be synchronized, unless an account says otherwise.
struct SyncDefaults {
  SyncSettings sync;
  int fetch_batch = 1;              // how many calls FetchCalls() takes
  bool lists_without_tags = false;  // only a reading by id tells them
  RetryPolicy retry;
  ComparisonRules comparison;
};

class TrackingPlatform {
 public:
  virtual ~TrackingPlatform() = default;

  virtual std::string_view Name() const = 0;
  virtual const TrackingReceiver& Receiver() const = 0;
  virtual const providers::WebhookMapper& Mapper() const = 0;
  virtual PlatformClient& Client() const = 0;

  // What the client has for the account, by its settings: what is not listed answers Unsupported(), what is listed
  // never does.
  virtual std::set<v1::Feature> Features(const Account& account) const = 0;
  virtual SyncDefaults Defaults() const = 0;
  virtual RequestLimits Limits(Resource resource) const = 0;
  // In which ways the members of a call object of the platform's contradict each other, in words. `body` is that of a
  // PlatformCall.
  virtual std::vector<std::string> Contradictions(std::string_view body) const = 0;

  // What is wrong with an account's settings and credentials by their form alone, without asking anybody.
  virtual std::vector<AccountProblem> CheckForm(const Account& account) const = 0;
  // The URLs to enter at the platform, for a person.
  virtual std::vector<WebhookEntry> UrlsToEnter(const Account& account) const = 0;
};

}  // namespace trunkline::tracking
