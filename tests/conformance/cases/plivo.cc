
#include "libs/base/json.h"
#include "libs/providers/plivo/hangup_codes.h"
#include "libs/providers/plivo/rest_answer.h"
#include "tests/conformance/provider_case.h"

namespace trunkline::conformance::plivo {
namespace {

constexpr std::string_view kAuthId = "MACONFORMANCE0000001";
constexpr std::string_view kToken = "0123456789abcdef0123456789abcdef01234567";

std::string StartInbound(const InboundStart& start) {
  const auto urls = start.provider.UrlsToEnter(start.public_url, start.account.id);
  const nlohmann::json wish = {{"account", kAuthId},
                               {"from", start.from},
                               {"to", start.to},
                               {"voice_url", urls.at("answer")},
                               {"fallback_url", urls.at("fallback")},
                               {"status_callback", urls.at("hangup")}};
  const std::string answer = start.twin.Control("POST", "/twin/plivo/inbound", WriteJson(wish));
  return ParseJson(answer).at("call_sid");
}

std::optional<CodeMeaning> MeaningOf(const DocumentedCode& documented) {
  if (documented.where == "API") {
    const auto status = static_cast<int>(ParseInt(documented.code).value_or(0));
    CodeMeaning meaning{.error = providers::plivo::ErrorOf({.http_status = status, .body = {}, .error = {}})};
    if (meaning.error.code() == calls::v1::CALL_ERROR_CODE_BAD_RESPONSE) return std::nullopt;
    return meaning;
  }
  const providers::plivo::HangupCode& found =
      documented.where == "hangup word"
          ? providers::plivo::FindHangupWord(documented.code)
          : providers::plivo::FindHangupCode(static_cast<int>(ParseInt(documented.code).value_or(-1)));
  if (found.code < 0) return std::nullopt;
  CodeMeaning meaning{.error = {}, .cause = found.cause};
  if (found.status == calls::v1::CALL_STATUS_FAILED) {
    meaning.error = providers::plivo::ErrorOfHangup(found, documented.code, {});
  }
  return meaning;
}

ProviderCase MakeCase() {
  return {
      .provider = "plivo",
      .twin_accounts = Concat("plivo/", kAuthId, ":", kToken),
      .fill_account =
          [](const TwinProcess& twin, double /*time_scale*/, providers::Account* account) {
            account->settings = {{"auth_id", std::string(kAuthId)}, {"api_url", twin.url()}};
            account->credentials = {{"auth_token", std::string(kToken)}};
          },
      .spoil_credentials = [](providers::Account* account) { account->credentials["auth_token"] = "wrong"; },
      .spoil_secret = [](providers::Account* account) { account->credentials["auth_token"] = "wrong"; },
      .start_inbound = StartInbound,
      .holds_members_only = true,
      .meaning_of = MeaningOf,
  };
}

[[maybe_unused]] const bool kRegistered = RegisterCase(MakeCase);

}  // namespace
}  // namespace trunkline::conformance::plivo
