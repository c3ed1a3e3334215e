// What webhook-ingest, gateway and normalizer do with a provider's news, in the process of the test: webhooks are
// verified, described, mapped and answered with plans, messages of links are mapped, and the events of each call are
// merged.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/server.h"
#include "libs/providers/provider.h"

namespace trunkline::conformance {

using Events = std::vector<events::v1::CallEvent>;

class Harness final : public providers::LinkSink {
 public:
  Harness();
  ~Harness() override;

  const std::string& public_url() const { return public_url_; }
  // From now on webhooks of this account are taken in. Both outlive the harness.
  void Serve(const providers::Provider& provider, const providers::Account& account);

  // No webhook is taken in any more.
  void Stop() { server_.reset(); }

  // The plan of calls that begin, and of a step; else they say a word and hang up.
  void SetPlan(const plans::v1::CallPlan& plan, const std::string& step = {});
  // The plan of one call.
  void SetPlanOf(const std::string& call_id, const plans::v1::CallPlan& plan);

  Events EventsOf(std::string_view call_id) const;
  // All events, of all calls, in the order of their arrival.
  Events AllEvents() const;
  calls::v1::CallRecord RecordOf(std::string_view call_id) const;
  // True once the condition holds, which is looked at after each event and from time to time. Tells what there is when
  // it never does.
  bool WaitUntil(const std::function<bool()>& condition) const;
  // Until the call has an event of the type. `count`: so many of them.
  bool WaitForEvent(std::string_view call_id, events::v1::CallEventType type, size_t count = 1) const;
  bool WaitForEnd(std::string_view call_id) const;
  // Until the account's link hears what happens.
  bool WaitForLink() const;

  // What was taken in, genuine all of it.
  std::vector<providers::WebhookRequest> Webhooks() const;
  std::vector<webhooks::v1::RawWebhook> Messages() const;
  // What went wrong: webhooks of the account that were refused, or could not be understood.
  std::vector<std::string> Problems() const;

  void OnMessage(webhooks::v1::RawWebhook message) override;
  void OnLiveCalls(const std::vector<providers::ProviderCall>& live, absl::Time at) override;
  void OnState(const absl::Status& state) override;

 private:
  http::Response Take(const http::Request& request);
  plans::v1::CallPlan PlanFor(const providers::WebhookSubject& subject) const;
  void Map(webhooks::v1::RawWebhook message);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  const providers::Provider* provider_ = nullptr;
  const providers::Account* account_ = nullptr;
  std::map<std::string, plans::v1::CallPlan> plans_;
  std::map<std::string, plans::v1::CallPlan> plans_of_calls_;
  Events events_;
  std::vector<providers::WebhookRequest> webhooks_;
  std::vector<webhooks::v1::RawWebhook> messages_;
  std::vector<std::string> problems_;
  bool link_is_up_ = false;
  std::string public_url_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace trunkline::conformance
