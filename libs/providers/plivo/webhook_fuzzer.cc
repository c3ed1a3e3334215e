// Bytes as a webhook: the receiver and the mapper must neither crash nor disagree on the call, and what is told must be
// fit for the wire.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libs/base/text.h"
#include "libs/providers/plivo/webhook_mapper.h"
#include "libs/providers/plivo/webhook_receiver.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::string_view kEvents[] = {"answer", "fallback",    "ring",   "hangup",    "amd",           "gather",
                                        "dial",   "dial-events", "record", "recording", "transcription", "conference",
                                        "mpc",    "stream",      "wait",   ""};
constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-000000000001";

void Require(bool holds) {
  if (!holds) std::abort();
}

// The first byte picks the event and the method; the first line is the query, the rest the body.
void Run(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes[0]);
  bytes.remove_prefix(1);
  const size_t line_end = bytes.find('\n');
  WebhookRequest request;
  request.method = (choice & 0x80) != 0 ? "GET" : "POST";
  request.event = kEvents[choice % std::size(kEvents)];
  request.url = Concat("https://h/telephony/webhook/plivo/", request.event, "?", bytes.substr(0, line_end));
  if (line_end != std::string_view::npos) request.body = bytes.substr(line_end + 1);
  request.headers = {{"content-type", "application/x-www-form-urlencoded"},
                     {"x-plivo-signature-v3", "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="},
                     {"x-plivo-signature-v3-nonce", "1"}};

  Account account;
  account.id = kAccountId;
  account.settings = {{"auth_id", "MAEXAMPLE00000000001"}, {"default_region", "US"}};
  account.credentials = {{"auth_token", "12345"}};

  webhooks::v1::RawWebhook raw;
  raw.set_provider_account_id(account.id);
  raw.set_event(request.event);
  raw.mutable_received_at()->set_seconds(1'772'532'000);
  raw.mutable_http()->set_method(request.method);
  raw.mutable_http()->set_url(request.url);
  raw.mutable_http()->set_body(request.body);

  const PlivoReceiver receiver;
  Require(!receiver.Verify(request, account).ok());
  const auto subject = receiver.Describe(request, account);
  const auto events = PlivoMapper().Map(raw);
  Require(subject.ok() == events.ok());
  if (!events.ok()) return;
  for (const events::v1::CallEvent& event : *events) {
    Require(event.call_id() == subject->call_id);
    // Fails on text that is no UTF-8.
    events::v1::CallEvent copy;
    Require(copy.ParseFromString(event.SerializeAsString()));
    Require(IsStorableText(event.details().from()) && IsStorableText(event.speech().text()));
  }
}

}  // namespace
}  // namespace trunkline::providers::plivo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::providers::plivo::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
