// What webhook-ingest asks of a provider's adapter: is a webhook genuine, which call is it about, what is answered to
// it.
#pragma once

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
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::providers {

// A webhook as it came in.
struct WebhookRequest {
  std::string method;  // "GET" or "POST"
  std::string url;     // the URL that the provider asked: configured public base + raw request target
  std::string event;   // "voice", "status", ...: from the path
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string remote_address;
  absl::Time received_at = absl::UnixEpoch();

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
  std::string asked_url = {};  // of the webhook that asks for the plan, as the provider asked it
  std::string event = {};      // of the webhook that is answered, for providers whose reply depends on who asks
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

  // The value of WWW-Authenticate for a webhook that Verify() refused, from providers that answer challenges (Basic,
  // Digest); the refusal is a 401 then. Empty for all others, which get a 403.
  virtual std::string Challenge(const WebhookRequest& request, const Account& account) const;

  // True for bodies of this media type (lower case, without parameters). Forms and JSON unless the provider sends more.
  virtual bool AcceptsMediaType(std::string_view media_type) const;

  // Only after Verify(). INVALID_ARGUMENT when the webhook names no call.
  virtual absl::StatusOr<WebhookSubject> Describe(const WebhookRequest& request, const Account& account) const = 0;

  // The plan in the provider's markup, as the reply to a webhook that wants a plan.
  virtual HttpReply RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const = 0;
  // The reply to any other webhook.
  virtual HttpReply Acknowledge() const = 0;

  // The URL as it may be kept with the webhook: without the secret, where the provider shows one in the URL.
  virtual std::string UrlToKeep(std::string_view url) const;

  // Names (lower case) of the headers that the mapper needs; all others are left behind.
  virtual std::vector<std::string_view> HeadersToKeep() const = 0;
};

}  // namespace trunkline::providers
