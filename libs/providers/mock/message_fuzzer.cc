// Whatever a link or webhook brings, mapper and receiver answer and do not fail.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/providers/mock/mapper.h"
#include "libs/providers/mock/receiver.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trunkline::providers;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  trunkline::webhooks::v1::RawWebhook raw;
  raw.mutable_link()->set_body(std::string(text));
  (void)mock::Mapper().Map(raw);
  const Account account{.id = "0190b2c3-0000-7000-8000-000000000001"};
  const WebhookRequest request{.method = "POST", .event = "voice", .body = std::string(text)};
  (void)mock::Receiver().Verify(request, account);
  (void)mock::Receiver().Describe(request, account);
  return 0;
}
