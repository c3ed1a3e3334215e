// Bytes as a webhook: the receiver and the mapper must neither crash nor disagree on the call, and what is told must be
// fit for the wire.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/providers/plivo/webhook_mapper.h"
#include "libs/providers/plivo/webhook_receiver.h"
#include "tests/support/webhook_agreement.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::string_view kEvents[] = {"answer", "fallback",    "ring",   "hangup",    "amd",           "gather",
                                        "dial",   "dial-events", "record", "recording", "transcription", "conference",
                                        "mpc",    "stream",      "wait",   ""};
constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-000000000001";

void Run(std::string_view bytes) {
  if (bytes.empty()) return;
  WebhookRequest request = ReadFuzzedRequest("plivo", kEvents, bytes);
  request.headers = {{"content-type", "application/x-www-form-urlencoded"},
                     {"x-plivo-signature-v3", "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="},
                     {"x-plivo-signature-v3-nonce", "1"}};

  Account account;
  account.id = kAccountId;
  account.settings = {{"auth_id", "MAEXAMPLE00000000001"}, {"default_region", "US"}};
  account.credentials = {{"auth_token", "12345"}};

  const PlivoReceiver receiver;
  Require(!receiver.Verify(request, account).ok());
  RequireAgreement(receiver, PlivoMapper(), request, account);
}

}  // namespace
}  // namespace trunkline::providers::plivo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::providers::plivo::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
