#include "libs/providers/plivo/webhook_receiver.h"

#include <optional>

#include "libs/base/crypto.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/call_identity.h"
#include "libs/providers/plivo/markup.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/signature.h"
#include "libs/providers/plivo/webhook.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::string_view kXml = "text/xml; charset=utf-8";
constexpr size_t kTurnBytes = 6;

SignedRequest SignedRequestOf(const WebhookRequest& request) {
  return {.method = request.method,
          .url = request.url,
          .form = request.BodyForm(),
          .v3 = request.Header("x-plivo-signature-v3"),
          .v3_main = request.Header("x-plivo-signature-ma-v3"),
          .v3_nonce = request.Header("x-plivo-signature-v3-nonce"),
          .v2 = request.Header("x-plivo-signature-v2"),
          .v2_main = request.Header("x-plivo-signature-ma-v2"),
          .v2_nonce = request.Header("x-plivo-signature-v2-nonce"),
          .v1 = request.Header("x-plivo-signature")};
}

bool IsSubaccount(const Account& account) { return account.Setting(kAuthId).starts_with("SA"); }

SigningTokens TokensOf(const Account& account) {
  SigningTokens tokens;
  tokens.own = {account.Credential(kAuthToken), account.Credential(kAuthTokenSecondary)};
  tokens.main = IsSubaccount(account) ? std::vector<std::string>{account.Credential(kMainAuthToken)} : tokens.own;
  return tokens;
}

}  // namespace

std::string PlivoReceiver::ClaimedExternalAccount(const WebhookRequest& request) const {
  const Form query = request.method == "GET" ? ReadParameters("GET", request.url, {}) : Form();
  const Form& parameters = request.method == "GET" ? query : request.BodyForm();
  for (const char* name : {"AuthID", "ParentAuthID"}) {
    if (const auto id = FindInForm(parameters, name); id.has_value() && !id->empty()) return std::string(*id);
  }
  return {};
}

bool PlivoReceiver::IsExternalAccount(const Account& account, std::string_view external_account) const {
  return !external_account.empty() &&
         (account.Setting(kAuthId) == external_account || account.Setting(kMainAuthId) == external_account);
}

absl::Status PlivoReceiver::Verify(const WebhookRequest& request, const Account& account) const {
  const AcceptedSchemes accepted{.v3 = AcceptsSignatures(account, "v3"),
                                 .v2 = AcceptsSignatures(account, "v2"),
                                 .v1 = AcceptsSignatures(account, "v1")};
  TL_RETURN_IF_ERROR(CheckSignature(SignedRequestOf(request), TokensOf(account), accepted));
  const std::string claimed = ClaimedExternalAccount(request);
  const std::string named = ReadWebhookUrl(request.url).account_id;
  // Of a subaccount whose main account is not configured nobody can tell whether the parent is the right one.
  const bool unknown_parent =
      IsSubaccount(account) && account.Setting(kMainAuthId).empty() && claimed.starts_with("MA");
  const bool wrong = (!claimed.empty() && !unknown_parent && !IsExternalAccount(account, claimed)) ||
                     (!named.empty() && named != account.id);
  return wrong ? absl::UnauthenticatedError("WRONG_ACCOUNT") : absl::OkStatus();
}

bool PlivoReceiver::AcceptsMediaType(std::string_view media_type) const {
  return media_type == "application/x-www-form-urlencoded";
}

absl::StatusOr<WebhookSubject> PlivoReceiver::Describe(const WebhookRequest& request, const Account& account) const {
  const std::optional<Webhook> webhook = Webhook::Read({.event = request.event,
                                                        .account_id = account.id,
                                                        .method = request.method,
                                                        .url = request.url,
                                                        .body = request.body,
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
  // Of a leg that a plan dialled, the rest of the webhook is about the call that dialled it.
  const bool leg = identity.is_dialed_leg;
  subject.inbound = !leg && webhook->Get("Direction") == "inbound";
  subject.from = PartyOf(webhook->Get(leg ? "DialBLegFrom" : "From"), region).value_or("");
  subject.to = PartyOf(webhook->Get(leg ? "DialBLegTo" : "To"), region).value_or("");
  // <Record> writes there that the caller hung up.
  if (digits != "hangup") subject.digits = ToStorableText(digits);
  subject.speech = ToStorableText(webhook->Get("Speech"));
  return subject;
}

HttpReply PlivoReceiver::RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const {
  return {.status = 200,
          .content_type = std::string(kXml),
          .body = RenderPlivoXml(plan, context, HexEncode(RandomBytes(kTurnBytes)))};
}

HttpReply PlivoReceiver::Acknowledge() const {
  return {.status = 200, .content_type = std::string(kXml), .body = EmptyPlivoXml()};
}

}  // namespace trunkline::providers::plivo
