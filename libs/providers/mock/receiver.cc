#include "libs/providers/mock/receiver.h"

#include <google/protobuf/util/json_util.h>

#include "libs/base/crypto.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/plan_source.h"
#include "libs/providers/webhook_url.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::mock {
namespace {

constexpr std::string_view kSignatureHeader = "x-mock-signature";

std::string Text(const nlohmann::json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return {};
  return ToStorableText(member->get_ref<const std::string&>());
}

}  // namespace

std::string Receiver::ClaimedExternalAccount(const WebhookRequest& /*request*/) const { return {}; }

bool Receiver::IsExternalAccount(const Account& /*account*/, std::string_view /*external_account*/) const {
  return false;
}

absl::Status Receiver::Verify(const WebhookRequest& request, const Account& account) const {
  const std::string_view signature = request.Header(kSignatureHeader);
  if (signature.empty()) return absl::UnauthenticatedError("SIGNATURE_MISSING");
  const std::string secret = account.Credential(kWebhookSecret);
  // An account without a secret asks for no plans.
  if (secret.empty() || !EqualsInConstantTime(signature, SignatureOf(secret, request.url, request.body))) {
    return absl::UnauthenticatedError("SIGNATURE_MISMATCH");
  }
  if (ReadWebhookUrl(request.url).account_id != account.id) return absl::UnauthenticatedError("WRONG_ACCOUNT");
  return absl::OkStatus();
}

absl::StatusOr<WebhookSubject> Receiver::Describe(const WebhookRequest& request, const Account& account) const {
  const auto json = ParseJson(request.body);
  const std::string external_call_id = json.is_object() ? Text(json, "call") : "";
  if (external_call_id.empty()) return absl::InvalidArgumentError("the webhook names no call");
  const WebhookUrl url = ReadWebhookUrl(request.url);
  WebhookSubject subject;
  subject.external_call_id = external_call_id;
  subject.call_id = url.call_id.empty() ? telephony::CallIdOf(account.id, external_call_id) : url.call_id;
  subject.wants_plan = request.event == "voice";
  subject.step = ToStorableText(url.step);
  subject.inbound = Text(json, "direction") == "inbound";
  subject.from = telephony::ToParty(Text(json, "from")).value_or("");
  subject.to = telephony::ToParty(Text(json, "to")).value_or("");
  subject.digits = Text(json, "digits");
  subject.speech = Text(json, "speech");
  return subject;
}

HttpReply Receiver::RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& /*context*/) const {
  HttpReply reply{.status = 200, .content_type = "application/json", .body = {}};
  if (!google::protobuf::util::MessageToJsonString(plan, &reply.body).ok()) reply.body = "{}";
  return reply;
}

HttpReply Receiver::Acknowledge() const { return {.status = 204}; }

std::vector<std::string_view> Receiver::HeadersToKeep() const { return {}; }

}  // namespace trunkline::providers::mock
