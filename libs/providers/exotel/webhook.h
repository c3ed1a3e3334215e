// A webhook as the receiver and the mapper both see it: its kind, its parameters, and what its URL says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/providers/exotel/local_rules.h"

namespace trunkline::providers::exotel {

inline constexpr std::string_view kContentTypeHeader = "content-type";

// Names of events in our URLs. Those of applets stand in flows, each at its place; what is told is read from the
// parameters, not from the name, save for the end of a flow, which looks like its middle.
inline constexpr std::string_view kStatusEvent = "status";
inline constexpr std::string_view kPassthruEvent = "passthru";
inline constexpr std::string_view kFlowEndEvent = "end";
inline constexpr std::string_view kPopupEvent = "popup";
inline constexpr std::string_view kCampaignEvent = "campaign";
// Applets that ask what to do.
inline constexpr std::string_view kConnectEvent = "connect";
inline constexpr std::string_view kGreetingEvent = "greeting";
inline constexpr std::string_view kGatherEvent = "gather";
inline constexpr std::string_view kBranchEvent = "branch";

enum class WebhookKind {
  kStatus,          // StatusCallback of a call that was placed
  kPassthru,        // an applet of a flow
  kPopup,           // an attempt to reach an agent
  kCampaignCall,    // a campaign's attempt at a number
  kCampaignNumber,  // a campaign is through with a number
  kCampaign,        // a campaign begins or ends; about no call
};

// What a webhook is made of, not interpreted yet.
struct WebhookSource {
  std::string_view event;
  std::string_view account_id;
  std::string_view method;
  std::string_view url;
  std::string_view content_type;
  std::string_view body;
  absl::Time received_at;
};

class Webhook {
 public:
  // Nothing when the body cannot be read or the kind cannot be told.
  static std::optional<Webhook> Read(const WebhookSource& source);

  // The first value of a parameter; empty when it is missing.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const { return FindInForm(parameters, name).has_value(); }
  // True when a parameter's name begins so: "Legs[".
  bool HasAny(std::string_view prefix) const;

  WebhookKind kind = WebhookKind::kStatus;
  std::string event;
  std::string account_id;
  std::string url_call_id;
  std::string url_bulk_id;
  std::string step;
  LocalRules rules;
  Form parameters;
  absl::Time received_at;
};

std::optional<WebhookKind> KindOf(std::string_view event, const Form& parameters);
// True when the reply tells an applet what to do.
bool WantsPlan(const Webhook& webhook);

}  // namespace trunkline::providers::exotel
