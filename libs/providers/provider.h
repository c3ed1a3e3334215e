// What a telephony provider's adapter gives to Trunkline, in parts, each for the service that needs it:
//
//   WebhookReceiver   webhook-ingest   is a webhook genuine, which call is it about, what is answered to it
//   WebhookMapper     normalizer       which call events does it tell
//   CallClient        gateway          place calls and find out about them, over the provider's API
//   CallControls      gateway          answer, hold, transfer ... calls in progress
//   RecordingClient   gateway          recordings
//   EventLink         gateway          news over a connection, of providers that send no webhooks
//
// All parts are stateless towards the account: the account comes with each call, so that a change of its settings needs
// no restart. All are thread-safe. A new provider is a folder beside the others and one line in built_in_providers.cc.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "libs/providers/call_client.h"
#include "libs/providers/call_controls.h"
#include "libs/providers/event_link.h"
#include "libs/providers/recording_client.h"
#include "libs/providers/webhook_mapper.h"
#include "libs/providers/webhook_receiver.h"
#include "trunkline/providers/v1/feature.pb.h"

namespace trunkline::providers {

class Provider {
 public:
  virtual ~Provider() = default;

  virtual std::string_view Name() const = 0;
  virtual const WebhookReceiver& Receiver() const = 0;
  virtual const WebhookMapper& Mapper() const = 0;
  virtual CallClient& Client() const = 0;
  virtual CallControls& Controls() const = 0;
  virtual RecordingClient& Recordings() const = 0;

  // What of the parts above really is there: what is not listed answers Unsupported(), what is listed never does.
  virtual std::set<v1::Feature> Features() const = 0;
  // True for accounts whose news come over a link. False for all whose provider sends webhooks and nothing else.
  virtual bool HasLink(const Account& account) const;
  // Only for accounts with a link; does not wait until it is up. `sink` outlives the link.
  virtual std::unique_ptr<EventLink> OpenLink(const Account& account, LinkSink& sink) const;

  // What is wrong with an account's settings and credentials by their form alone, without asking anybody.
  virtual std::vector<AccountProblem> CheckForm(const Account& account) const = 0;
  // The URLs to enter at the provider for calls to the business's numbers, by kind.
  virtual std::map<std::string, std::string> UrlsToEnter(std::string_view public_url,
                                                         std::string_view account_id) const = 0;
};

// What every provider is made with.
struct ProviderOptions {
  std::string public_url;                          // base of the webhook URLs, without a slash at its end
  absl::Duration api_timeout = absl::Seconds(10);  // for one request to the provider's API
};

}  // namespace trunkline::providers
