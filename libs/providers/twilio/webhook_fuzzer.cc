// Bytes as a webhook: the receiver and the mapper must neither crash nor disagree on the call, and what is told must be
// fit for the wire.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/providers/twilio/webhook_mapper.h"
#include "libs/providers/twilio/webhook_receiver.h"
#include "tests/support/webhook_agreement.h"

namespace trunkline::providers::twilio {
namespace {

constexpr std::string_view kEvents[] = {
    "voice",  "fallback",      "status",     "recording", "amd",  "gather", "partial", "dial",
    "record", "transcription", "conference", "queue",     "wait", "stream", "refer",   ""};
constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-000000000001";

// The first byte also picks the type of the body.
void Run(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes[0]);
  WebhookRequest request = ReadFuzzedRequest("twilio", kEvents, bytes);
  request.headers = {{"content-type", (choice & 0x40) != 0 ? "application/json" : "application/x-www-form-urlencoded"},
                     {"x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="}};

  Account account;
  account.id = kAccountId;
  account.settings = {{"account_sid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, {"default_region", "US"}};
  account.credentials = {{"auth_token", "12345"}};

  const TwilioReceiver receiver;
  Require(!receiver.Verify(request, account).ok());
  RequireAgreement(receiver, TwilioMapper(), request, account);
}

}  // namespace
}  // namespace trunkline::providers::twilio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::providers::twilio::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
