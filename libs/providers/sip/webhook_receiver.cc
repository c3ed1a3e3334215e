#include "libs/providers/sip/webhook_receiver.h"

#include <optional>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/call_id.h"
#include "libs/providers/sip/digest_auth.h"
#include "libs/providers/sip/parties.h"
#include "libs/providers/sip/pbx_webhook.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::sip {
namespace {

constexpr std::string_view kContentType = "content-type";
constexpr std::string_view kSignaturePrefix = "sha256=";
constexpr std::string_view kBearer = "bearer ";
constexpr absl::Duration kLargestSkew = absl::Seconds(300);

absl::Status Mismatch() { return absl::UnauthenticatedError("SIGNATURE_MISMATCH"); }

absl::Status CheckHmac(const WebhookRequest& request, const std::string& secret) {
  const std::string_view timestamp = Trim(request.Header("x-pbx-timestamp"));
  const std::string_view signature = Trim(request.Header("x-pbx-signature"));
  const auto seconds = ParseInt(timestamp);
  if (!seconds.has_value() || !signature.starts_with(kSignaturePrefix) || secret.empty()) return Mismatch();
  const absl::Duration skew = request.received_at - absl::FromUnixSeconds(*seconds);
  const std::string expected = HexEncode(HmacSha256(secret, Concat(timestamp, ".", request.body)));
  const bool same = EqualsInConstantTime(Lower(signature.substr(kSignaturePrefix.size())), expected);
  return same && absl::AbsDuration(skew) <= kLargestSkew ? absl::OkStatus() : Mismatch();
}

absl::Status CheckToken(std::string_view given, const std::string& token) {
  // By their digests, so that not even the length shows.
  return !token.empty() && EqualsInConstantTime(Sha256(given), Sha256(token)) ? absl::OkStatus() : Mismatch();
}

absl::Status CheckGenuine(const WebhookRequest& request, const Account& account) {
  if (!request.Header("x-pbx-signature").empty()) return CheckHmac(request, account.Credential("webhook_secret"));
  const std::string_view token = Trim(request.Header("x-pbx-token"));
  if (!token.empty()) return CheckToken(token, account.Credential("webhook_token"));
  const std::string_view authorization = Trim(request.Header("authorization"));
  if (authorization.empty()) return absl::UnauthenticatedError("SIGNATURE_MISSING");
  if (EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer)) {
    return CheckToken(Trim(authorization.substr(kBearer.size())), account.Credential("webhook_token"));
  }
  return CheckDigest({account.Credential("digest_username"), account.Credential("digest_password")}, authorization,
                     request.method, request.url, request.received_at);
}

}  // namespace

std::string SipReceiver::ClaimedExternalAccount(const WebhookRequest& request) const {
  if (const std::string_view told = Trim(request.Header("x-pbx-id")); !told.empty()) return std::string(told);
  if (const size_t question = request.url.find('?'); question != std::string::npos) {
    const Form query = ParseForm(std::string_view(request.url).substr(question + 1));
    if (const auto told = FindInForm(query, "pbx_id"); told.has_value()) return std::string(*told);
  }
  const auto webhook = PbxWebhook::Read(request.Header(kContentType), request.body);
  return webhook.ok() ? std::string(webhook->Get("pbx_id")) : std::string();
}

bool SipReceiver::IsExternalAccount(const Account& account, std::string_view external_account) const {
  return !external_account.empty() && account.Setting("pbx_id") == external_account;
}

absl::Status SipReceiver::Verify(const WebhookRequest& request, const Account& account) const {
  TL_RETURN_IF_ERROR(CheckGenuine(request, account));
  const std::string named = ReadWebhookUrl(request.url).account_id;
  const std::string claimed = ClaimedExternalAccount(request);
  const bool wrong =
      (!named.empty() && named != account.id) || (!claimed.empty() && !IsExternalAccount(account, claimed));
  return wrong ? absl::UnauthenticatedError("WRONG_ACCOUNT") : absl::OkStatus();
}

std::string SipReceiver::Challenge(const WebhookRequest& request, const Account& account) const {
  const DigestUser user{account.Credential("digest_username"), account.Credential("digest_password")};
  if (user.username.empty() || user.password.empty()) return {};
  return MakeChallenge(user, Trim(request.Header("authorization")), request.received_at);
}

absl::StatusOr<WebhookSubject> SipReceiver::Describe(const WebhookRequest& request, const Account& account) const {
  TL_ASSIGN_OR_RETURN(const PbxWebhook webhook, PbxWebhook::Read(request.Header(kContentType), request.body));
  const std::string region = account.Setting("default_region");
  WebhookSubject subject;
  subject.external_call_id = webhook.external_call_id();
  subject.call_id = CallIdOf(account.id, subject.external_call_id);
  subject.inbound = webhook.direction() == calls::v1::CALL_DIRECTION_INBOUND;
  subject.from = PartyOf(webhook.caller(), region).value_or("");
  subject.to = PartyOf(webhook.destination(), region).value_or("");
  subject.digits = webhook.Get("digits");
  return subject;
}

HttpReply SipReceiver::RenderPlan(const plans::v1::CallPlan& /*plan*/, const RenderContext& /*context*/) const {
  return Acknowledge();
}

HttpReply SipReceiver::Acknowledge() const {
  return {.status = 200, .content_type = "application/json", .body = R"({"status":"ok"})"};
}

std::vector<std::string_view> SipReceiver::HeadersToKeep() const { return {kContentType}; }

}  // namespace trunkline::providers::sip
