// The provider itself, for tests and demonstrations that move its time or let calls come in. Programs use mock.h.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "libs/providers/mock/client.h"
#include "libs/providers/mock/controls.h"
#include "libs/providers/mock/exchange.h"
#include "libs/providers/mock/mapper.h"
#include "libs/providers/mock/receiver.h"
#include "libs/providers/mock/recordings.h"
#include "libs/providers/mock/timer.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

class MockProvider final : public Provider {
 public:
  // `plans` may be null: then no call asks for a plan.
  MockProvider(std::unique_ptr<Timer> timer, std::unique_ptr<PlanSource> plans);

  std::string_view Name() const override;
  const WebhookReceiver& Receiver() const override { return receiver_; }
  const WebhookMapper& Mapper() const override { return mapper_; }
  CallClient& Client() const override { return client_; }
  CallControls& Controls() const override { return controls_; }
  RecordingClient& Recordings() const override { return recordings_; }
  std::set<v1::Feature> Features() const override;
  bool HasLink(const Account& /*account*/) const override { return true; }
  std::unique_ptr<EventLink> OpenLink(const Account& account, LinkSink& sink) const override;
  std::vector<AccountProblem> CheckForm(const Account& account) const override;
  // None: no calls come from outside.
  std::map<std::string, std::string> UrlsToEnter(std::string_view public_url,
                                                 std::string_view account_id) const override;

  // Lets a call come in; its id at the exchange.
  std::string ReceiveCall(const Account& account, const InboundCall& call) const;

 private:
  std::unique_ptr<Timer> timer_;
  // All thread-safe.
  mutable Exchange exchange_;
  class Receiver receiver_;
  class Mapper mapper_;
  mutable class Client client_;
  mutable class Controls controls_;
  mutable class Recordings recordings_;
};

}  // namespace trunkline::providers::mock
