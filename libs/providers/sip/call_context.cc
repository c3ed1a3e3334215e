#include "libs/providers/sip/call_context.h"

#include <array>
#include <cmath>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::providers::sip {
namespace {

constexpr std::array<std::pair<Fact, std::string_view>, 14> kFacts = {{
    {Fact::kNone, "none"},
    {Fact::kInitiated, "initiated"},
    {Fact::kQueued, "queued"},
    {Fact::kRinging, "ringing"},
    {Fact::kAnswered, "answered"},
    {Fact::kHeld, "held"},
    {Fact::kResumed, "resumed"},
    {Fact::kTransferred, "transferred"},
    {Fact::kLegEnded, "leg-ended"},
    {Fact::kDigits, "digits"},
    {Fact::kRecording, "recording"},
    {Fact::kMachine, "machine"},
    {Fact::kBilled, "billed"},
    {Fact::kEnded, "ended"},
}};

constexpr std::pair<std::string_view, bool EndFacts::*> kFlags[] = {
    {"Answered", &EndFacts::answered}, {"Abandoned", &EndFacts::abandoned}, {"Canceled", &EndFacts::canceled},
    {"Dialed", &EndFacts::dialed},     {"Rang", &EndFacts::rang},           {"Busy", &EndFacts::busy},
    {"NoAnswer", &EndFacts::no_answer}};

class Writer {
 public:
  void Add(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    // The values are parts of lines that the exchange sent, and settings; one that is no plain line is left out.
    if (value.find_first_of("\r\n") == std::string_view::npos) text_ += Concat(key, ": ", value, "\r\n");
  }
  std::string Finish() && { return std::move(text_) + "\r\n"; }

 private:
  std::string text_ = "Context: call\r\n";
};

std::string ThousandthsOf(double value) { return Concat(std::llround(value * 1000)); }

double FromThousandths(std::string_view text) { return static_cast<double>(ParseInt(text).value_or(0)) / 1000; }

}  // namespace

std::string WriteContext(const CallContext& context) {
  Writer writer;
  for (const auto& [fact, name] : kFacts) {
    if (fact == context.fact) writer.Add("Fact", name);
  }
  writer.Add("Call", context.external_call_id);
  if (context.direction == calls::v1::CALL_DIRECTION_INBOUND) writer.Add("Direction", "inbound");
  if (context.direction == calls::v1::CALL_DIRECTION_OUTBOUND) writer.Add("Direction", "outbound");
  writer.Add("From", context.from);
  writer.Add("To", context.to);
  writer.Add("Region", context.default_region);
  writer.Add("RecordingUrl", context.recording_url);
  writer.Add("At", Concat(absl::ToUnixMicros(context.at)));
  if (context.bridged) writer.Add("Bridged", "1");
  if (context.fact != Fact::kEnded) return std::move(writer).Finish();
  for (const auto& [name, flag] : kFlags) {
    if (context.end.*flag) writer.Add(name, "1");
  }
  if (context.end.asked_by == calls::v1::HANGUP_SOURCE_CALLER) writer.Add("AskedBy", "caller");
  if (context.end.asked_by == calls::v1::HANGUP_SOURCE_CALLEE) writer.Add("AskedBy", "callee");
  writer.Add("EndCause", Concat(context.end.cause));
  if (context.end.sip_response != 0) writer.Add("SipResponse", Concat(context.end.sip_response));
  if (context.network.has_value()) {
    writer.Add("LatencyMicros", ThousandthsOf(context.network->latency_ms));
    writer.Add("JitterMicros", ThousandthsOf(context.network->jitter_ms));
    writer.Add("LossThousandths", ThousandthsOf(context.network->loss_percent));
  }
  return std::move(writer).Finish();
}

std::optional<CallContext> ReadContext(const ami::Message& message) {
  if (message.Get("Context") != "call") return std::nullopt;
  CallContext context;
  for (const auto& [fact, name] : kFacts) {
    if (name == message.Get("Fact")) context.fact = fact;
  }
  context.external_call_id = message.Get("Call");
  if (message.Get("Direction") == "inbound") context.direction = calls::v1::CALL_DIRECTION_INBOUND;
  if (message.Get("Direction") == "outbound") context.direction = calls::v1::CALL_DIRECTION_OUTBOUND;
  context.from = message.Get("From");
  context.to = message.Get("To");
  context.default_region = message.Get("Region");
  context.recording_url = message.Get("RecordingUrl");
  context.at = absl::FromUnixMicros(ParseInt(message.Get("At")).value_or(0));
  context.bridged = message.Get("Bridged") == "1";
  for (const auto& [name, flag] : kFlags) context.end.*flag = message.Get(name) == "1";
  context.end.inbound = context.direction == calls::v1::CALL_DIRECTION_INBOUND;
  if (message.Get("AskedBy") == "caller") context.end.asked_by = calls::v1::HANGUP_SOURCE_CALLER;
  if (message.Get("AskedBy") == "callee") context.end.asked_by = calls::v1::HANGUP_SOURCE_CALLEE;
  context.end.cause = static_cast<int>(ParseInt(message.Get("EndCause")).value_or(0));
  context.end.sip_response = static_cast<int>(ParseInt(message.Get("SipResponse")).value_or(0));
  if (!message.Get("LatencyMicros").empty()) {
    context.network = telephony::NetworkQuality{FromThousandths(message.Get("LatencyMicros")),
                                                FromThousandths(message.Get("JitterMicros")),
                                                FromThousandths(message.Get("LossThousandths"))};
  }
  return context;
}

}  // namespace trunkline::providers::sip
