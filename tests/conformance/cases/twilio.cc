
#include "libs/base/json.h"
#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/status_mapping.h"
#include "tests/conformance/provider_case.h"

namespace trunkline::conformance::twilio {
namespace {

constexpr std::string_view kAccountSid = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef";

std::string StartInbound(const InboundStart& start) {
  const auto urls = start.provider.UrlsToEnter(start.public_url, start.account.id);
  const nlohmann::json wish = {{"account", kAccountSid},
                               {"from", start.from},
                               {"to", start.to},
                               {"voice_url", urls.at("voice")},
                               {"fallback_url", urls.at("fallback")},
                               {"status_callback", urls.at("status")}};
  const std::string answer = start.twin.Control("POST", "/twin/twilio/inbound", WriteJson(wish));
  return ParseJson(answer).at("call_sid");
}

std::optional<CodeMeaning> MeaningOf(const DocumentedCode& documented) {
  const auto code = static_cast<int>(ParseInt(documented.code).value_or(0));
  if (documented.where == "SIP response") {
    const auto mapped = providers::twilio::MapCallStatus("failed", {.sip_response_code = code});
    if (!mapped.has_value()) return std::nullopt;
    return CodeMeaning{.error = providers::twilio::ErrorOfFailedCall(0, code, {}), .cause = mapped->hangup.cause()};
  }
  CodeMeaning meaning{.error = providers::twilio::ErrorOfAnswer(0, code, {}),
                      .cause = providers::twilio::HangupOfErrorCode(code).cause()};
  if (meaning.error.code() == calls::v1::CALL_ERROR_CODE_BAD_RESPONSE) return std::nullopt;
  return meaning;
}

ProviderCase MakeCase() {
  return {
      .provider = "twilio",
      .twin_accounts = Concat("twilio/", kAccountSid, ":", kToken),
      .fill_account =
          [](const TwinProcess& twin, double /*time_scale*/, providers::Account* account) {
            account->settings = {{"account_sid", std::string(kAccountSid)}, {"api_url", twin.url()}};
            account->credentials = {{"auth_token", std::string(kToken)}};
          },
      .spoil_credentials = [](providers::Account* account) { account->credentials["auth_token"] = "wrong"; },
      .spoil_secret = [](providers::Account* account) { account->credentials["auth_token"] = "wrong"; },
      .start_inbound = StartInbound,
      .tells_dialed_legs = true,
      .meaning_of = MeaningOf,
  };
}

[[maybe_unused]] const bool kRegistered = RegisterCase(MakeCase);

}  // namespace
}  // namespace trunkline::conformance::twilio
