#include "libs/providers/exotel/webhook_receiver.h"

#include <algorithm>
#include <optional>

#include "libs/base/crypto.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/applet_reply.h"
#include "libs/providers/exotel/call_identity.h"
#include "libs/providers/exotel/parameters.h"
#include "libs/providers/exotel/status_mapping.h"
#include "libs/providers/exotel/webhook.h"
#include "libs/providers/exotel/webhook_urls.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::exotel {
namespace {

constexpr std::string_view kTokenClaim = "token:";

std::string TokenOf(const WebhookRequest& request) {
  const Form query = ParseForm(QueryTextOf(request.url));
  return std::string(FindInForm(query, kTokenParameter).value_or(""));
}

Form ParametersOf(const WebhookRequest& request) {
  return ReadParameters(request.method, request.url, request.Header(kContentTypeHeader), request.body).value_or(Form());
}

std::string_view Get(const Form& form, std::string_view name) { return FindInForm(form, name).value_or(""); }

// Of digests, so that the time tells nothing of the secret's length either.
bool SameSecret(std::string_view given, std::string_view secret) {
  return EqualsInConstantTime(Sha256(given), Sha256(secret)) && !secret.empty();
}

absl::Status CheckToken(const WebhookRequest& request, const Account& account) {
  const std::string token = TokenOf(request);
  if (token.empty()) return absl::UnauthenticatedError("SIGNATURE_MISSING");
  const bool primary = SameSecret(token, account.Credential(kWebhookToken));
  const bool secondary = SameSecret(token, account.Credential(kWebhookTokenSecondary));
  return primary || secondary ? absl::OkStatus() : absl::UnauthenticatedError("SIGNATURE_MISMATCH");
}

absl::Status CheckBasic(const WebhookRequest& request, const Account& account) {
  constexpr std::string_view kScheme = "basic ";
  const std::string_view header = request.Header("authorization");
  if (!EqualsIgnoreCase(header.substr(0, kScheme.size()), kScheme)) {
    return absl::UnauthenticatedError("SIGNATURE_MISSING");
  }
  const auto given = Base64Decode(Trim(header.substr(kScheme.size())));
  const std::string wanted = Concat(account.Credential(kWebhookUsername), ":", account.Credential(kWebhookPassword));
  const bool set = !account.Credential(kWebhookUsername).empty() && !account.Credential(kWebhookPassword).empty();
  const bool same = SameSecret(given.value_or(""), wanted);
  return set && given.has_value() && same ? absl::OkStatus() : absl::UnauthenticatedError("SIGNATURE_MISMATCH");
}

// The account's number and name, where the webhook has them.
bool NamesAnother(const Account& account, const WebhookRequest& request, const Form& parameters) {
  const std::string_view sid = Get(parameters, "AccountSid");
  const std::string_view tenant = Get(parameters, "tenant_id");
  const std::string named = ReadWebhookUrl(request.url).account_id;
  const std::string own_tenant = account.Setting(kTenantId);
  return (!sid.empty() && sid != account.Setting(kAccountSid)) ||
         (!tenant.empty() && !own_tenant.empty() && tenant != own_tenant) || (!named.empty() && named != account.id);
}

bool IsTooOld(const Account& account, const WebhookRequest& request, const Form& parameters) {
  const absl::Duration window = ReplayWindowOf(account);
  // Without a time of reception there is nothing to compare with.
  if (request.received_at == absl::UnixEpoch() || window == absl::InfiniteDuration()) return false;
  for (const std::string_view name : {"CurrentTime", "DateUpdated", "date_updated"}) {
    const auto time = ParseTime(Get(parameters, name), RulesOf(account));
    if (time.has_value()) return absl::AbsDuration(request.received_at - *time) > window;
  }
  return false;
}

}  // namespace

std::string ExotelReceiver::ClaimedExternalAccount(const WebhookRequest& request) const {
  const Form parameters = ParametersOf(request);
  if (const std::string_view sid = Get(parameters, "AccountSid"); !sid.empty()) return std::string(sid);
  const std::string token = TokenOf(request);
  return token.empty() ? std::string() : Concat(kTokenClaim, HexEncode(Sha256(token)));
}

bool ExotelReceiver::IsExternalAccount(const Account& account, std::string_view external_account) const {
  if (external_account.empty()) return false;
  if (!external_account.starts_with(kTokenClaim)) return account.Setting(kAccountSid) == external_account;
  external_account.remove_prefix(kTokenClaim.size());
  const auto is = [&](std::string_view secret) {
    return !secret.empty() && EqualsInConstantTime(HexEncode(Sha256(secret)), external_account);
  };
  return is(account.Credential(kWebhookToken)) || is(account.Credential(kWebhookTokenSecondary));
}

absl::Status ExotelReceiver::Verify(const WebhookRequest& request, const Account& account) const {
  if (WantsToken(account)) TL_RETURN_IF_ERROR(CheckToken(request, account));
  if (WantsBasic(account)) TL_RETURN_IF_ERROR(CheckBasic(request, account));
  const Form parameters = ParametersOf(request);
  if (NamesAnother(account, request, parameters)) return absl::UnauthenticatedError("WRONG_ACCOUNT");
  return IsTooOld(account, request, parameters) ? absl::UnauthenticatedError("TOO_OLD") : absl::OkStatus();
}

std::string ExotelReceiver::Challenge(const WebhookRequest& request, const Account& account) const {
  // A wrong secret in the URL is not mended by a password.
  const bool wanted = WantsBasic(account) && (!WantsToken(account) || CheckToken(request, account).ok()) &&
                      !CheckBasic(request, account).ok();
  return wanted ? R"(Basic realm="trunkline", charset="UTF-8")" : std::string();
}

bool ExotelReceiver::AcceptsMediaType(std::string_view media_type) const {
  return WebhookReceiver::AcceptsMediaType(media_type) || media_type == "multipart/form-data";
}

absl::StatusOr<WebhookSubject> ExotelReceiver::Describe(const WebhookRequest& request, const Account& account) const {
  const std::optional<Webhook> webhook = Webhook::Read({.event = request.event,
                                                        .account_id = account.id,
                                                        .method = request.method,
                                                        .url = request.url,
                                                        .content_type = request.Header(kContentTypeHeader),
                                                        .body = request.body,
                                                        .received_at = absl::UnixEpoch()});
  if (!webhook.has_value()) return absl::InvalidArgumentError("the webhook is of no known kind");
  TL_ASSIGN_OR_RETURN(CallIdentity identity, IdentifyCall(*webhook));
  WebhookSubject subject;
  subject.call_id = std::move(identity.call_id);
  subject.external_call_id = std::move(identity.external_call_id);
  subject.wants_plan = WantsPlan(*webhook);
  subject.step = ToStorableText(webhook->step);
  subject.inbound =
      !identity.placed_by_us && MapDirection(webhook->Get("Direction")) == calls::v1::CALL_DIRECTION_INBOUND;
  const auto party = [&](std::string_view name, std::string_view other) {
    return PartyOf(webhook->Get(webhook->Has(name) ? name : other), webhook->rules).value_or("");
  };
  subject.from = party("CallFrom", "From");
  subject.to = party("CallTo", "To");
  subject.digits = ToStorableText(webhook->Get("digits"));
  std::erase(subject.digits, '"');
  return subject;
}

HttpReply ExotelReceiver::RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const {
  return ReplyToApplet(context.event, plan);
}

HttpReply ExotelReceiver::Acknowledge() const { return {}; }

std::string ExotelReceiver::UrlToKeep(std::string_view url) const { return WithoutToken(url); }

std::vector<std::string_view> ExotelReceiver::HeadersToKeep() const { return {kContentTypeHeader}; }

}  // namespace trunkline::providers::exotel
