#include "tools/provider-twin/twilio/create_call.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/connection_overrides.h"
#include "tools/provider-twin/form_text.h"
#include "tools/provider-twin/twilio/rest_error.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

constexpr size_t kLongestInlineTwiml = 4000;
constexpr size_t kMostSendDigits = 32;
constexpr int64_t kLongestRing = 600;

bool IsTrue(const Form& form, std::string_view name) { return EqualsIgnoreCase(FormText(form, name), "true"); }

// All values of a parameter, whether it is repeated or has several words.
std::set<std::string> GetList(const Form& form, std::string_view name) {
  std::set<std::string> values;
  for (const auto& [key, value] : form) {
    if (key != name) continue;
    for (const std::string_view word : Split(value, ' ')) {
      if (!word.empty()) values.emplace(word);
    }
  }
  return values;
}

// A URL parameter and the method that goes with it.
std::optional<http::Response> ReadTarget(const Form& form, std::string_view url_name, std::string_view method_name,
                                         int error_code, Target& out) {
  const std::string method = FormText(form, method_name);
  if (!method.empty()) {
    if (method != "GET" && method != "POST") {
      return RestError(400, 21209, Concat(method_name, " is not a valid HTTP method: ", method));
    }
    out.method = method;
  }
  const std::string url = FormText(form, url_name);
  if (url.empty()) return std::nullopt;
  if (!IsUrl(WithoutFragment(url))) return RestError(400, error_code, Concat(url_name, " is not a valid URL: ", url));
  out.url = url;
  return std::nullopt;
}

std::optional<http::Response> ReadNumbers(const Form& form, const Account& account, Call& call) {
  call.to = FormText(form, "To");
  call.from = FormText(form, "From");
  if (call.to.empty()) return RestError(400, 21201, "No 'To' number is specified");
  if (call.from.empty()) return RestError(400, 21213, "No 'From' number is specified");
  if (!IsDialable(call.to)) {
    return RestError(400, 21211, Concat("The phone number you are attempting to call, ", call.to, ", is not valid."));
  }
  if (!IsDialable(call.from) || (IsPhoneNumber(call.to) && !IsPhoneNumber(call.from))) {
    return RestError(400, 21212, Concat("The source phone number provided, ", call.from, ", is not valid."));
  }
  if (!account.numbers.empty() && IsPhoneNumber(call.from) && !account.numbers.contains(call.from)) {
    return RestError(400, 21210,
                     Concat("The source phone number provided, ", call.from,
                            ", is not yet verified for your account. You may only make calls from phone numbers that "
                            "you've verified or purchased from Twilio."));
  }
  return std::nullopt;
}

std::optional<http::Response> ReadTimes(const Form& form, Call& call) {
  if (const std::string timeout = FormText(form, "Timeout"); !timeout.empty()) {
    const auto seconds = ParseInt(timeout);
    if (!seconds || *seconds < 1 || *seconds > kLongestRing) {
      return RestError(400, 21208, Concat("Timeout must be from 1 to ", kLongestRing, ": ", timeout));
    }
    call.ring_timeout = absl::Seconds(*seconds);
  }
  if (const std::string limit = FormText(form, "TimeLimit"); !limit.empty()) {
    const auto seconds = ParseInt(limit);
    if (!seconds || *seconds < 1) return RestError(400, 20001, Concat("TimeLimit is not valid: ", limit));
    call.time_limit = absl::Seconds(*seconds);
  }
  const std::string digits = FormText(form, "SendDigits");
  if (digits.size() > kMostSendDigits || digits.find_first_not_of("0123456789ABCD#*wW") != std::string::npos) {
    return RestError(400, 21206, Concat("SendDigits is not valid: ", digits));
  }
  return std::nullopt;
}

std::optional<http::Response> ReadRecording(const Form& form, Call& call) {
  if (!IsTrue(form, "Record")) return std::nullopt;
  RecordingWish wish;
  if (auto error = ReadTarget(form, "RecordingStatusCallback", "RecordingStatusCallbackMethod", 21609, wish.callback)) {
    return error;
  }
  if (const auto events = GetList(form, "RecordingStatusCallbackEvent"); !events.empty()) wish.events = events;
  if (FormText(form, "RecordingChannels") == "dual") wish.channels = 2;
  if (const std::string track = FormText(form, "RecordingTrack"); !track.empty()) wish.track = track;
  call.record = std::move(wish);
  return std::nullopt;
}

std::optional<http::Response> ReadMachineDetection(const Form& form, Call& call) {
  const std::string wanted = FormText(form, "MachineDetection");
  // Sending digits switches the detection off.
  if (wanted.empty() || !FormText(form, "SendDigits").empty()) return std::nullopt;
  if (wanted != "Enable" && wanted != "DetectMessageEnd") {
    return RestError(400, 20001, Concat("MachineDetection must be Enable or DetectMessageEnd: ", wanted));
  }
  call.machine_detection.enabled = true;
  call.machine_detection.wait_for_end = wanted == "DetectMessageEnd";
  call.machine_detection.asynchronous = IsTrue(form, "AsyncAmd");
  return ReadTarget(form, "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", 21609,
                    call.machine_detection.callback);
}

}  // namespace

std::optional<http::Response> ReadInstructions(const Form& form, Call& call) {
  if (auto error = ReadTarget(form, "Url", "Method", 21205, call.voice)) return error;
  if (auto error = ReadTarget(form, "FallbackUrl", "FallbackMethod", 21205, call.fallback)) return error;
  if (auto error = ReadTarget(form, "StatusCallback", "StatusCallbackMethod", 21609, call.status_callback))
    return error;
  if (FormText(form, "Url").empty() && !FormText(form, "Twiml").empty()) {
    call.inline_twiml = FormText(form, "Twiml");
    call.voice = {};
  }
  if (call.inline_twiml.size() > kLongestInlineTwiml) {
    return RestError(400, 21205, Concat("Twiml is longer than ", kLongestInlineTwiml, " characters"));
  }
  return std::nullopt;
}

std::variant<CallPtr, http::Response> ReadCreateCall(const Form& form, const Account& account) {
  auto call = std::make_shared<Call>();
  call->account_sid = account.sid;
  if (auto error = ReadNumbers(form, account, *call)) return *std::move(error);
  if (auto error = ReadInstructions(form, *call)) return *std::move(error);
  if (call->voice.empty() && call->inline_twiml.empty()) {
    return RestError(400, 21205, "Url parameter is required.");
  }
  if (auto error = ReadTimes(form, *call)) return *std::move(error);
  if (auto error = ReadRecording(form, *call)) return *std::move(error);
  if (auto error = ReadMachineDetection(form, *call)) return *std::move(error);
  static constexpr std::array<std::string_view, 4> kEvents = {"initiated", "ringing", "answered", "completed"};
  if (const auto events = GetList(form, "StatusCallbackEvent"); !events.empty()) {
    for (const std::string& event : events) {
      if (std::find(kEvents.begin(), kEvents.end(), event) == kEvents.end()) {
        return RestError(400, 21626, Concat("Invalid Status Callback Event: ", event));
      }
    }
    call->status_events = events;
  }
  return call;
}

}  // namespace trunkline::twin::twilio
