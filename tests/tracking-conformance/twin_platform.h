// A call-tracking platform for the suite: a twin (tools/provider-twin) that is served in the test process. What its
// control API says of a call is the truth that adapters are judged by.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/http/client.h"
#include "libs/http/message.h"
#include "libs/http/server.h"
#include "libs/tracking/account_settings.h"
#include "tools/provider-twin/timer_queue.h"
#include "tools/provider-twin/tracking/platform.h"
#include "tools/provider-twin/twin.h"
#include "tools/provider-twin/webhook_transport.h"
#include "tools/provider-twin/world.h"

namespace trunkline::tracking_conformance {

// A call as everybody but the wire sees it.
struct TrueCall {
  std::string id;
  std::string caller = "+12025550143";
  std::string number = "+18885550164";
  std::string destination = "+13125550199";
  absl::Time started_at;
  int64_t wait_seconds = 20;
  int64_t talk_seconds = 100;
  int64_t revenue = 0;  // 1/10,000
  int64_t payout = 0;
  bool converted = false;
  std::map<std::string, std::string> tags = {};
  absl::Time changed_at;

  absl::Time EndedAt() const { return started_at + absl::Seconds(wait_seconds + talk_seconds); }
};

// How a platform's twin is set up, and what an account at it needs.
struct TwinSetup {
  std::string platform;
  std::unique_ptr<twin::tracking::Platform> (*make)(const twin::World& world) = nullptr;
  std::string description;  // of the account, for the twin
  std::string base_path;
  // Settings and credentials that it takes; `url` is the API's.
  std::function<void(const std::string& url, tracking::Account* account)> fill;
  std::string secret;            // the credential that is spoiled
  std::string wrong_credential;  // the problem's field, then
  // An id of the platform's form.
  std::function<std::string(int number)> make_id;
  std::string campaign_id;
  std::string ended_event;  // the webhook at the end of a call
  std::string tag_prefix;   // of tags that are written over the API

  friend void PrintTo(const TwinSetup& setup, std::ostream* out) { *out << setup.platform; }
};

class TwinPlatform {
 public:
  explicit TwinPlatform(const TwinSetup& setup);
  ~TwinPlatform();

  // Base of the API, as an account's api_url.
  std::string Url() const;
  void Fill(tracking::Account* account) const { setup_.fill(Url(), account); }
  void Spoil(tracking::Account* account) const { account->credentials[setup_.secret] = "wrong-planted-key"; }
  std::string MakeId(int number) const { return setup_.make_id(number); }
  const std::string& CampaignId() const { return setup_.campaign_id; }

  // With its webhooks, if it `tells`.
  void Put(const TrueCall& call, bool tells = false);
  TrueCall Get(const std::string& id) const;
  // Of all calls, as the control API has it.
  nlohmann::json Truth() const;
  // The next request is answered so.
  void AnswerNext(const http::Response& response);
  int Requests() const;
  // A person enters a webhook.
  void Enter(const std::string& event, const std::string& url);
  // Of the control API: tools/provider-twin/README.md.
  nlohmann::json Control(std::string_view method, std::string_view path, const nlohmann::json& body = nullptr) const;

 private:
  const TwinSetup setup_;
  std::unique_ptr<twin::WebhookTransport> transport_;
  twin::TimerQueue timers_;
  twin::World world_{timers_};
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<http::Server> server_;
  mutable http::Client client_{http::ClientOptions{}};
};

}  // namespace trunkline::tracking_conformance
