#include "libs/providers/twilio/webhook_receiver.h"

#include <optional>

#include "libs/base/media_type.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/call_identity.h"
#include "libs/providers/twilio/markup.h"
#include "libs/providers/twilio/signature.h"
#include "libs/providers/twilio/webhook.h"
#include "libs/providers/webhook_url.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::twilio {
namespace {

constexpr std::string_view kSignatureHeader = "x-twilio-signature";
constexpr std::string_view kXml = "text/xml; charset=utf-8";

// A WebSocket handshake is signed with the scheme of the URL that the plan gave for the stream.
std::string SignedUrl(const WebhookRequest& request) {
  const std::string_view url = request.url;
  if (EqualsIgnoreCase(Trim(request.Header("upgrade")), "websocket")) {
    if (url.starts_with("https://")) return Concat("wss", url.substr(5));
    if (url.starts_with("http://")) return Concat("ws", url.substr(4));
  }
  return request.url;
}

}  // namespace

std::string TwilioReceiver::ClaimedExternalAccount(const WebhookRequest& request) const {
  if (request.method != "GET" && !IsJson(request.Header(kContentTypeHeader))) {
    return std::string(FindInForm(request.BodyForm(), "AccountSid").value_or(""));
  }
  const Form parameters = ReadParameters(request.method, request.url, request.Header(kContentTypeHeader), request.body);
  return std::string(FindInForm(parameters, "AccountSid").value_or(""));
}

bool TwilioReceiver::IsExternalAccount(const Account& account, std::string_view external_account) const {
  return !external_account.empty() && account.Setting(kAccountSid) == external_account;
}

absl::Status TwilioReceiver::Verify(const WebhookRequest& request, const Account& account) const {
  const std::string url = SignedUrl(request);
  const SignedRequest signed_request{.method = request.method,
                                     .url = url,
                                     .content_type = request.Header(kContentTypeHeader),
                                     .body = request.body,
                                     .signature = request.Header(kSignatureHeader),
                                     .form = &request.BodyForm()};
  TL_RETURN_IF_ERROR(
      CheckSignature(signed_request, {account.Credential(kAuthToken), account.Credential(kAuthTokenSecondary)}));
  const std::string claimed = ClaimedExternalAccount(request);
  const std::string named = ReadWebhookUrl(request.url).account_id;
  const bool wrong =
      (!claimed.empty() && !IsExternalAccount(account, claimed)) || (!named.empty() && named != account.id);
  return wrong ? absl::UnauthenticatedError("WRONG_ACCOUNT") : absl::OkStatus();
}

absl::StatusOr<WebhookSubject> TwilioReceiver::Describe(const WebhookRequest& request, const Account& account) const {
  const std::optional<Webhook> webhook = Webhook::Read({.event = request.event,
                                                        .account_id = account.id,
                                                        .method = request.method,
                                                        .url = request.url,
                                                        .content_type = request.Header(kContentTypeHeader),
                                                        .body = request.body,
                                                        .idempotency_token = request.Header(kIdempotencyHeader),
                                                        .received_at = absl::UnixEpoch(),
                                                        .form = &request.BodyForm()});
  if (!webhook.has_value()) return absl::InvalidArgumentError("the webhook is of no known kind");
  TL_ASSIGN_OR_RETURN(CallIdentity identity, IdentifyCall(*webhook));

  const std::string region = account.Setting(kDefaultRegion);
  const std::string_view digits = webhook->Get("Digits");
  WebhookSubject subject;
  subject.call_id = std::move(identity.call_id);
  subject.external_call_id = std::move(identity.external_call_id);
  subject.wants_plan = WantsPlan(*webhook);
  subject.step = ToStorableText(webhook->step);
  subject.inbound = webhook->Get("Direction") == "inbound";
  subject.from = telephony::ToParty(webhook->Get("From"), region).value_or("");
  subject.to = telephony::ToParty(webhook->Get("To"), region).value_or("");
  // <Record> writes there that the caller hung up.
  if (digits != "hangup") subject.digits = ToStorableText(digits);
  subject.speech = ToStorableText(webhook->Get("SpeechResult"));
  return subject;
}

HttpReply TwilioReceiver::RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const {
  return {.status = 200, .content_type = std::string(kXml), .body = RenderTwiml(plan, context)};
}

HttpReply TwilioReceiver::Acknowledge() const {
  return {.status = 200, .content_type = std::string(kXml), .body = EmptyTwiml()};
}

std::vector<std::string_view> TwilioReceiver::HeadersToKeep() const { return {kContentTypeHeader, kIdempotencyHeader}; }

}  // namespace trunkline::providers::twilio
