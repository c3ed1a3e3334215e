
#include "libs/base/json.h"
#include "libs/providers/exotel/errors.h"
#include "libs/providers/exotel/status_mapping.h"
#include "tests/conformance/provider_case.h"

namespace trunkline::conformance::exotel {
namespace {

constexpr std::string_view kAccountSid = "conformance1";
constexpr std::string_view kKey = "9f2c47d1a6b8e035";
constexpr std::string_view kToken = "c81e728d9d4c2f636f067f89cc14862c";
constexpr std::string_view kWebhookToken = "m3Qx7vR-Wk2_Zt9pLc5Hn8Ds";
constexpr std::string_view kPlaceholder = "{webhook_token}";

// What a person does who enters a URL at Exotel.
std::string WithSecret(std::string url) {
  if (const size_t at = url.find(kPlaceholder); at != std::string::npos) {
    url.replace(at, kPlaceholder.size(), kWebhookToken);
  }
  return url;
}

std::string StartInbound(const InboundStart& start) {
  const auto urls = start.provider.UrlsToEnter(start.public_url, start.account.id);
  const nlohmann::json wish = {{"account", kAccountSid},
                               {"from", start.from},
                               {"to", start.to},
                               {"voice_url", WithSecret(urls.at("passthru"))},
                               {"status_callback", WithSecret(urls.at("end"))}};
  const std::string answer = start.twin.Control("POST", "/twin/exotel/inbound", WriteJson(wish));
  return ParseJson(answer).at("call_sid");
}

std::optional<CodeMeaning> MeaningOf(const DocumentedCode& documented) {
  if (documented.where == "call status") {
    const auto end = providers::exotel::MapEnd(documented.code, {});
    CodeMeaning meaning{.error = {}, .cause = end.hangup.cause()};
    // What is no word of the provider's is its failure.
    if (meaning.cause == calls::v1::HANGUP_CAUSE_PROVIDER_ERROR) return std::nullopt;
    if (end.status == calls::v1::CALL_STATUS_FAILED) {
      meaning.error = providers::exotel::ErrorOfFailedCall(end.hangup, documented.code);
    }
    return meaning;
  }
  const bool is_status = documented.where == "API";
  CodeMeaning meaning{
      .error = providers::exotel::ErrorOfAnswer(is_status ? static_cast<int>(ParseInt(documented.code).value_or(0)) : 0,
                                                is_status ? "" : documented.code, "")};
  if (meaning.error.code() == calls::v1::CALL_ERROR_CODE_BAD_RESPONSE) return std::nullopt;
  return meaning;
}

ProviderCase MakeCase() {
  return {
      .provider = "exotel",
      .twin_accounts = Concat("exotel/", kAccountSid, ":", kKey, ":", kToken),
      .fill_account =
          [](const TwinProcess& twin, double /*time_scale*/, providers::Account* account) {
            // With both, a single call connects two numbers, which tell of their whole life, and bulks play the flow.
            account->settings = {{"account_sid", std::string(kAccountSid)},
                                 {"api_url", twin.url()},
                                 {"agent_number", "+918040000001"},
                                 {"app_id", "926"}};
            account->credentials = {{"api_key", std::string(kKey)},
                                    {"api_token", std::string(kToken)},
                                    {"webhook_token", std::string(kWebhookToken)}};
          },
      .spoil_credentials = [](providers::Account* account) { account->credentials["api_token"] = "wrong"; },
      .spoil_secret =
          [](providers::Account* account) { account->credentials["webhook_token"] = "wrong-wrong-wrong-wrong"; },
      .start_inbound = StartInbound,
      // Exotel writes numbers in national form: only Indian ones come back as they went out.
      .number = [](int story) { return Concat("+91987650", story < 10 ? "000" : "00", story); },
      .own_number = "+918047190099",
      .lists_recordings_late = true,
      // Nothing is signed: the secret in the URL stands for all of it.
      .signs_content = false,
      .meaning_of = MeaningOf,
  };
}

[[maybe_unused]] const bool kRegistered = RegisterCase(MakeCase);

}  // namespace
}  // namespace trunkline::conformance::exotel
