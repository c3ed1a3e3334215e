#include <algorithm>

#include "libs/base/json.h"
#include "libs/providers/sip/hangup_causes.h"
#include "libs/providers/sip/manager_errors.h"
#include "tests/conformance/provider_case.h"

namespace trunkline::conformance::sip {
namespace {

using nlohmann::json;

constexpr std::string_view kUser = "conformance";
constexpr std::string_view kSecret = "manager-secret";
constexpr std::string_view kWebhookSecret = "webhook-secret";

void FillAccount(const TwinProcess& twin, double /*time_scale*/, providers::Account* account) {
  const json endpoint = ParseJson(twin.Control("GET", "/twin/sip/endpoint"));
  account->settings = {{"mode", "both"},
                       {"ami_host", endpoint.at("host").get<std::string>()},
                       {"ami_port", std::to_string(endpoint.at("tls_port").get<int>())},
                       {"ami_tls", "true"},
                       // The twin signs its certificate itself.
                       {"ami_tls_verify", "false"},
                       {"dial_string", "PJSIP/{number}@trunk"},
                       {"dial_context", "from-internal"},
                       {"dial_exten", "agent"},
                       {"answer_context", "answered"},
                       {"hold_context", "held"},
                       {"hold_exten", "wait"},
                       {"conference_context", "conferences"}};
  account->credentials = {{"ami_username", std::string(kUser)},
                          {"ami_secret", std::string(kSecret)},
                          {"webhook_secret", std::string(kWebhookSecret)}};
}

std::string StartInbound(const InboundStart& start) {
  const json wish = {{"account", kUser}, {"from", start.from}, {"to", start.to}};
  return ParseJson(start.twin.Control("POST", "/twin/sip/inbound", WriteJson(wish))).at("call");
}

bool IsJoined(const TwinProcess& twin, const std::string& external_call_id) {
  const json answer = ParseJson(twin.Control("GET", Concat("/twin/sip/calls?account=", kUser)));
  const json& calls = answer.at("calls");
  return std::any_of(calls.begin(), calls.end(), [&](const json& call) {
    const json& channels = call.at("channels");
    return call.at("call") == external_call_id && channels.size() == 2 && channels[0].at("bridge") != "" &&
           channels[0].at("bridge") == channels[1].at("bridge");
  });
}

void SendWebhooks(const InboundStart& start) {
  const json wish = {{"url", start.provider.UrlsToEnter(start.public_url, start.account.id).at("events")},
                     {"proof", "hmac"},
                     {"secret", kWebhookSecret},
                     {"body",
                      {{"event", "incoming_call"},
                       {"call_id", "1795171296.7"},
                       {"channel", "PJSIP/trunk-00000007"},
                       {"caller_id", start.from},
                       {"destination", start.to},
                       {"timestamp", "1795171296"}}}};
  start.twin.Control("POST", "/twin/sip/webhook", WriteJson(wish));
}

std::optional<CodeMeaning> MeaningOf(const DocumentedCode& documented) {
  if (documented.where == "manager interface") {
    CodeMeaning meaning{.error = providers::sip::ErrorOfAnswer(documented.code)};
    if (meaning.error.message() == providers::sip::ErrorOfAnswer("").message()) return std::nullopt;
    return meaning;
  }
  const bool is_response = documented.where == "SIP response";
  const auto code = static_cast<int>(ParseInt(documented.code).value_or(-1));
  if (code < 0 || (!is_response && code > 127)) return std::nullopt;
  const providers::sip::CauseMeaning told =
      is_response ? providers::sip::MeaningOfSipResponse(code) : providers::sip::MeaningOfCause(code);
  providers::sip::CallEnd end{.status = told.status, .hangup = {}};
  end.hangup.set_cause(told.cause);
  return CodeMeaning{.error = providers::sip::ErrorOfEnd(end, is_response ? 0 : code, is_response ? code : 0),
                     .cause = told.cause};
}

ProviderCase MakeCase() {
  return {
      .provider = "sip",
      .twin_accounts = Concat("sip/", kUser, ":", kSecret),
      .fill_account = FillAccount,
      .spoil_credentials = [](providers::Account* account) { account->credentials["ami_secret"] = "wrong"; },
      .spoil_secret = [](providers::Account* account) { account->credentials["webhook_secret"] = "wrong"; },
      .start_inbound = StartInbound,
      // The agent behind it takes a while to answer, so that there is a call to be answered.
      .own_number = "+15550109953",
      .tells_placed_numbers = false,
      .limits_requests = false,
      // Extensions of the twin's dialplan, as "agent" is.
      .make_lasting =
          [](bool joined, providers::Account* account) {
            account->settings["dial_exten"] = joined ? "agent-long" : "wait";
          },
      .is_joined = IsJoined,
      .meaning_of = MeaningOf,
      .send_webhooks = SendWebhooks,
  };
}

[[maybe_unused]] const bool kRegistered = RegisterCase(MakeCase);

}  // namespace
}  // namespace trunkline::conformance::sip
