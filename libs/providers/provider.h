// What a telephony provider's adapter gives to Trunkline, in three parts, one for each service that needs one:
//
//   WebhookReceiver   webhook-ingest   is a webhook genuine, which call is it about, what is answered to it
//   WebhookMapper     normalizer       which call events does it tell
//   CallClient        gateway          place, look at and change calls over the provider's API
//
// All parts are stateless towards the account: the account comes with each call, so that a change of its settings needs
// no restart. All are thread-safe. A new provider is a folder beside the others and one line in built_in_providers.cc.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/providers/account.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"
#include "trunkline/plans/v1/call_plan.pb.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::providers {

// ---------------------------------------------------------------------------------------------- webhooks, received

// A webhook as it came in.
struct WebhookRequest {
  std::string method;  // "GET" or "POST"
  std::string url;     // the URL that the provider asked: configured public base + raw request target
  std::string event;   // "voice", "status", ...: from the path
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string remote_address;

  // The body as a form, parsed on first use. For one thread at a time.
  const Form& BodyForm() const;
  mutable std::optional<Form> parsed_body = std::nullopt;

  // The first header of a name given in lower case; empty when there is none.
  std::string_view Header(std::string_view name) const;
};

// What a genuine webhook is about.
struct WebhookSubject {
  std::string call_id;           // Trunkline's id, see docs/decisions on call identity
  std::string external_call_id;  // the provider's
  bool wants_plan = false;       // the reply must be a call plan in the provider's markup
  std::string step;              // of the plan; empty at the start of the call
  bool inbound = false;
  std::string from;
  std::string to;
  std::string digits;
  std::string speech;
};

struct HttpReply {
  int status = 200;
  std::string content_type;  // empty when there is no body
  std::string body;
};

// What the URLs in rendered markup are made from.
struct RenderContext {
  std::string public_url;
  std::string account_id;
  std::string call_id;
};

class WebhookReceiver {
 public:
  virtual ~WebhookReceiver() = default;

  // The provider's own id of the account that the webhook claims to be for, to find the account when the URL does not
  // name one. Not to be believed before Verify().
  virtual std::string ClaimedExternalAccount(const WebhookRequest& request) const = 0;
  // True when `account` is the one with that id.
  virtual bool IsExternalAccount(const Account& account, std::string_view external_account) const = 0;

  // OK when the signature holds with the account's credentials, and the webhook names no other account.
  // UNAUTHENTICATED otherwise; ErrorInfo-free, the message is a reason in UPPER_SNAKE: SIGNATURE_MISSING,
  // SIGNATURE_MISMATCH, BODY_DIGEST_MISMATCH, WRONG_ACCOUNT.
  virtual absl::Status Verify(const WebhookRequest& request, const Account& account) const = 0;

  // Only after Verify(). INVALID_ARGUMENT when the webhook names no call.
  virtual absl::StatusOr<WebhookSubject> Describe(const WebhookRequest& request, const Account& account) const = 0;

  // The plan in the provider's markup, as the reply to a webhook that wants a plan.
  virtual HttpReply RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const = 0;
  // The reply to any other webhook.
  virtual HttpReply Acknowledge() const = 0;

  // Names (lower case) of the headers that the mapper needs; all others are left behind.
  virtual std::vector<std::string_view> HeadersToKeep() const = 0;
};

// ------------------------------------------------------------------------------------------------ webhooks, mapped

class WebhookMapper {
 public:
  virtual ~WebhookMapper() = default;

  // Grows when the same webhook maps to something else than before.
  virtual int Version() const = 0;

  // A pure function: the events that the webhook tells, in order; none for a webhook that tells nothing new. Each has
  // its event_id, call_id, type, time, status and details; the normalizer adds business, raw reference and versions.
  // INVALID_ARGUMENT when the webhook can never be understood; it becomes a dead letter.
  virtual absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const = 0;
};

// -------------------------------------------------------------------------------------------------- calls, placed

// A call to place.
struct DialRequest {
  std::string call_id;  // travels in every URL that is handed out
  std::string to;       // E.164
  std::string from;
  absl::Duration ring_timeout = absl::Seconds(60);
  std::optional<absl::Duration> time_limit;
  bool record = false;
  bool detect_machine = false;
};

// What came of asking the provider to place a call.
struct DialOutcome {
  enum class Kind {
    kPlaced,    // accepted: external_call_id is set
    kRejected,  // certainly not placed: error says why, and whether asking later may work
    kInDoubt,   // may have been placed: must be found out before anything is dialled again
  };
  Kind kind = Kind::kInDoubt;
  std::string external_call_id;
  calls::v1::CallError error;
};

// A call as the provider's API tells it.
struct ProviderCall {
  std::string external_call_id;
  std::string from;
  std::string to;
  absl::Time created_at;
  // The event that this state amounts to (source RECONCILIATION), without call_id and business_id.
  events::v1::CallEvent event;
};

// A wrong setting of an account.
struct AccountProblem {
  std::string field;  // "settings.account_sid", "credentials.auth_token"; empty for the account as a whole
  std::string reason;
  std::string message;
};

// The errors of the StatusOr functions: NOT_FOUND, FAILED_PRECONDITION (the call is in no state for it), UNAVAILABLE
// (not processed, or safe to repeat), PERMISSION_DENIED (credentials), UNIMPLEMENTED (the provider has no such thing).
class CallClient {
 public:
  virtual ~CallClient() = default;

  // Asks once, never again: a lost reply is kInDoubt.
  virtual DialOutcome PlaceCall(const Account& account, const DialRequest& request) = 0;
  virtual absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id) = 0;
  // All calls between two numbers created at `since` or later, to find out about a dial in doubt.
  virtual absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, std::string_view from,
                                                              std::string_view to, absl::Time since) = 0;
  // Ends a call that is queued, ringing or connected. OK when it has ended already.
  virtual absl::Status EndCall(const Account& account, std::string_view external_call_id) = 0;
  // Gives a live call new instructions.
  virtual absl::Status UpdateCall(const Account& account, std::string_view external_call_id, std::string_view call_id,
                                  const plans::v1::CallPlan& plan) = 0;
  // Asks the provider whether the settings and credentials work; nothing is wrong when the list is empty. UNAVAILABLE
  // when the provider cannot be asked.
  virtual absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) = 0;
};

// ---------------------------------------------------------------------------------------------------- the provider

class Provider {
 public:
  virtual ~Provider() = default;

  virtual std::string_view Name() const = 0;
  virtual const WebhookReceiver& Receiver() const = 0;
  virtual const WebhookMapper& Mapper() const = 0;
  virtual CallClient& Client() const = 0;

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
