#include "libs/providers/twilio/webhook.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/base/media_type.h"
#include "libs/base/text.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

constexpr std::array<std::pair<std::string_view, WebhookKind>, 15> kKinds = {{
    {"voice", WebhookKind::kVoice},
    {"fallback", WebhookKind::kFallback},
    {"status", WebhookKind::kStatus},
    {"recording", WebhookKind::kRecording},
    {"amd", WebhookKind::kMachineDetection},
    {"gather", WebhookKind::kGather},
    {"partial", WebhookKind::kPartialSpeech},
    {"dial", WebhookKind::kDial},
    {"record", WebhookKind::kRecord},
    {"transcription", WebhookKind::kTranscription},
    {"conference", WebhookKind::kConference},
    {"queue", WebhookKind::kQueue},
    {"wait", WebhookKind::kWait},
    {"stream", WebhookKind::kStream},
    {"refer", WebhookKind::kRefer},
}};

// A parameter that only one kind of webhook has.
constexpr std::array<std::pair<std::string_view, WebhookKind>, 15> kSigns = {{
    {"StreamEvent", WebhookKind::kStream},
    {"ConferenceSid", WebhookKind::kConference},
    {"TranscriptionStatus", WebhookKind::kTranscription},
    {"RecordingStatus", WebhookKind::kRecording},
    {"MachineDetectionDuration", WebhookKind::kMachineDetection},
    {"CallbackSource", WebhookKind::kStatus},
    {"DialCallStatus", WebhookKind::kDial},
    {"ReferCallStatus", WebhookKind::kRefer},
    {"QueueResult", WebhookKind::kQueue},
    {"QueuePosition", WebhookKind::kWait},
    {"UnstableSpeechResult", WebhookKind::kPartialSpeech},
    {"RecordingDuration", WebhookKind::kRecord},
    {"SpeechResult", WebhookKind::kGather},
    {"Digits", WebhookKind::kGather},
    {"ErrorUrl", WebhookKind::kFallback},
}};

std::string_view QueryOf(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const size_t question = url.find('?');
  return question == std::string_view::npos ? std::string_view() : url.substr(question + 1);
}

// What our own URL says. A POST's query is all ours. To that of a GET Twilio adds its parameters, among them any that
// the user of a Voice SDK device chose, and one of those may be called "call": only what stands in front counts.
Form OwnParameters(std::string_view method, std::string_view url) {
  constexpr std::array<std::string_view, 6> kOwn = {"account",     "call",           "step",
                                                    kLegParameter, kParentParameter, "bodySHA256"};
  Form query = ParseForm(QueryOf(url));
  if (method != "GET") return query;
  const auto end = std::find_if(query.begin(), query.end(), [&](const auto& pair) {
    return std::find(kOwn.begin(), kOwn.end(), pair.first) == kOwn.end();
  });
  query.erase(end, query.end());
  return query;
}

// The members of a JSON object as parameters; what is nested says nothing that the mapping knows.
Form ParametersOfJson(std::string_view body) {
  Form parameters;
  const auto object = ParseJson(body);
  if (!object.is_object()) return parameters;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) {
      parameters.emplace_back(name, value.get<std::string>());
    } else if (value.is_primitive() && !value.is_null()) {
      parameters.emplace_back(name, WriteJson(value));
    }
  }
  return parameters;
}

std::string UuidOrEmpty(const Form& form, std::string_view name) {
  const std::string_view value = FindInForm(form, name).value_or("");
  return IsUuid(value) ? std::string(value) : std::string();
}

}  // namespace

Form ReadParameters(std::string_view method, std::string_view url, std::string_view content_type,
                    std::string_view body) {
  if (method == "GET") {
    Form parameters = ParseForm(QueryOf(url));
    const size_t own = OwnParameters(method, url).size();
    parameters.erase(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(own));
    return parameters;
  }
  // Exactly what CheckSignature covers: the form itself, or the JSON by its digest.
  return IsJson(content_type) ? ParametersOfJson(body) : ParseForm(body);
}

std::optional<WebhookKind> KindOf(std::string_view event, const Form& parameters) {
  for (const auto& [name, kind] : kKinds) {
    if (name != event) continue;
    // While a caller waits, a plan may lead from the wait URL to a voice URL; the caller still waits there.
    const bool waits = kind == WebhookKind::kVoice && FindInForm(parameters, "QueuePosition").has_value();
    return waits ? WebhookKind::kWait : kind;
  }
  for (const auto& [name, kind] : kSigns) {
    if (FindInForm(parameters, name).has_value()) return kind;
  }
  if (FindInForm(parameters, "CallStatus").has_value()) return WebhookKind::kVoice;
  return std::nullopt;
}

std::optional<Webhook> Webhook::Read(const WebhookSource& source) {
  const bool parsed = source.form != nullptr && source.method != "GET" && !IsJson(source.content_type);
  Form parameters = parsed ? *source.form : ReadParameters(source.method, source.url, source.content_type, source.body);
  const std::optional<WebhookKind> kind = KindOf(source.event, parameters);
  if (!kind.has_value()) return std::nullopt;
  const Form own = OwnParameters(source.method, source.url);
  Webhook webhook;
  webhook.kind = *kind;
  webhook.account_id = std::string(source.account_id);
  webhook.url_call_id = UuidOrEmpty(own, "call");
  webhook.step = std::string(FindInForm(own, "step").value_or(""));
  webhook.child_leg = FindInForm(own, kLegParameter) == kChildLeg;
  webhook.url_parent_id = UuidOrEmpty(own, kParentParameter);
  webhook.parameters = std::move(parameters);
  webhook.idempotency_token = std::string(source.idempotency_token);
  webhook.received_at = source.received_at;
  return webhook;
}

std::string_view Webhook::Get(std::string_view name) const { return FindInForm(parameters, name).value_or(""); }

bool WantsPlan(const Webhook& webhook) {
  switch (webhook.kind) {
    case WebhookKind::kVoice:
    case WebhookKind::kFallback:
      return true;
    case WebhookKind::kWait:
    case WebhookKind::kGather:
    case WebhookKind::kDial:
    case WebhookKind::kRecord:
    case WebhookKind::kQueue:
    case WebhookKind::kRefer:
      return !webhook.step.empty();
    default:
      return false;
  }
}

}  // namespace trunkline::providers::twilio
