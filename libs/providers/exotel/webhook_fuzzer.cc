// Bytes as a webhook: the receiver and the mapper must neither crash nor disagree on the call, and what is told must be
// fit for the wire.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/providers/exotel/webhook_mapper.h"
#include "libs/providers/exotel/webhook_receiver.h"
#include "tests/support/webhook_agreement.h"

namespace trunkline::providers::exotel {
namespace {

constexpr std::string_view kEvents[] = {"status",  "passthru", "end",    "popup",  "campaign",
                                        "connect", "greeting", "gather", "branch", ""};
constexpr std::string_view kTypes[] = {"application/json", "application/x-www-form-urlencoded",
                                       "multipart/form-data; boundary=b", "text/plain"};
constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-000000000001";

// The first byte also picks the type of the body.
void Run(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes[0]);
  WebhookRequest request = ReadFuzzedRequest("exotel", kEvents, bytes);
  request.headers = {{"content-type", std::string(kTypes[(choice >> 4) % std::size(kTypes)])}};

  Account account;
  account.id = kAccountId;
  account.credentials = {{"webhook_token", "0123456789abcdef0123456789abcdef-not-in-the-corpus"}};

  const ExotelReceiver receiver;
  Require(!receiver.Verify(request, account).ok());
  (void)receiver.UrlToKeep(request.url);
  (void)receiver.Challenge(request, account);
  RequireAgreement(receiver, ExotelMapper(), request, account);
}

}  // namespace
}  // namespace trunkline::providers::exotel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::providers::exotel::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
