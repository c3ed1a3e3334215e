#include "libs/providers/plivo/webhook.h"

#include <array>
#include <utility>

#include "libs/base/text.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::array<std::pair<std::string_view, WebhookKind>, 16> kKinds = {{
    {"answer", WebhookKind::kAnswer},
    {"voice", WebhookKind::kAnswer},
    {"fallback", WebhookKind::kFallback},
    {"ring", WebhookKind::kRing},
    {"hangup", WebhookKind::kHangup},
    {"amd", WebhookKind::kMachineDetection},
    {"gather", WebhookKind::kGather},
    {"dial", WebhookKind::kDial},
    {"dial-events", WebhookKind::kDialEvents},
    {"record", WebhookKind::kRecord},
    {"recording", WebhookKind::kRecording},
    {"transcription", WebhookKind::kTranscription},
    {"conference", WebhookKind::kConference},
    {"mpc", WebhookKind::kMultiPartyCall},
    {"stream", WebhookKind::kStream},
    {"wait", WebhookKind::kWait},
}};

// Values of Event that mean one kind only.
constexpr std::array<std::pair<std::string_view, WebhookKind>, 5> kEvents = {{
    {"Ring", WebhookKind::kRing},
    {"Hangup", WebhookKind::kHangup},
    {"MachineDetection", WebhookKind::kMachineDetection},
    {"DialAction", WebhookKind::kDial},
    {"StartApp", WebhookKind::kAnswer},
}};

// A parameter that only one kind of webhook has.
constexpr std::array<std::pair<std::string_view, WebhookKind>, 10> kSigns = {{
    {"StreamID", WebhookKind::kStream},
    {"MPCUUID", WebhookKind::kMultiPartyCall},
    {"ConferenceUUID", WebhookKind::kConference},
    {"DialAction", WebhookKind::kDialEvents},
    {"DialStatus", WebhookKind::kDial},
    {"transcription", WebhookKind::kTranscription},
    {"RecordingID", WebhookKind::kRecording},
    {"Machine", WebhookKind::kMachineDetection},
    {"Speech", WebhookKind::kGather},
    {"Digits", WebhookKind::kGather},
}};

std::string_view QueryOf(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const size_t question = url.find('?');
  return question == std::string_view::npos ? std::string_view() : url.substr(question + 1);
}

}  // namespace

Form ReadParameters(std::string_view method, std::string_view url, std::string_view body) {
  return ParseForm(method == "GET" ? QueryOf(url) : body);
}

std::optional<WebhookKind> KindOf(std::string_view event, const Form& parameters) {
  const std::string_view told = FindInForm(parameters, "Event").value_or("");
  for (const auto& [name, kind] : kKinds) {
    if (name != event) continue;
    // An account without a hangup URL gets its hangups where it answers calls.
    return kind == WebhookKind::kAnswer && told == "Hangup" ? WebhookKind::kHangup : kind;
  }
  for (const auto& [name, kind] : kEvents) {
    if (name == told) return kind;
  }
  for (const auto& [name, kind] : kSigns) {
    if (FindInForm(parameters, name).has_value()) return kind;
  }
  if (FindInForm(parameters, "HangupCause").has_value()) return WebhookKind::kHangup;
  if (FindInForm(parameters, "CallStatus").has_value()) return WebhookKind::kAnswer;
  return std::nullopt;
}

std::optional<Webhook> Webhook::Read(const WebhookSource& source) {
  const bool parsed = source.form != nullptr && source.method != "GET";
  Form parameters = parsed ? *source.form : ReadParameters(source.method, source.url, source.body);
  const std::optional<WebhookKind> kind = KindOf(source.event, parameters);
  if (!kind.has_value()) return std::nullopt;
  const WebhookUrl url = ReadWebhookUrl(source.url.substr(0, source.url.find('#')));
  const Form query = ParseForm(QueryOf(source.url));
  Webhook webhook;
  webhook.kind = *kind;
  webhook.account_id = std::string(source.account_id);
  webhook.url_call_id = url.call_id;
  webhook.url_bulk_id = url.bulk_id;
  webhook.step = url.step;
  webhook.turn = std::string(FindInForm(query, kTurnParameter).value_or(""));
  webhook.currency = std::string(FindInForm(query, kCurrencyParameter).value_or(kDefaultCurrency));
  webhook.parameters = std::move(parameters);
  webhook.received_at = source.received_at;
  return webhook;
}

std::string_view Webhook::Get(std::string_view name) const { return FindInForm(parameters, name).value_or(""); }

bool WantsPlan(const Webhook& webhook) {
  switch (webhook.kind) {
    case WebhookKind::kAnswer:
    case WebhookKind::kFallback:
      return true;
    case WebhookKind::kGather:
    case WebhookKind::kDial:
    case WebhookKind::kRecord:
    case WebhookKind::kWait:
      return !webhook.step.empty();
    default:
      return false;
  }
}

}  // namespace trunkline::providers::plivo
