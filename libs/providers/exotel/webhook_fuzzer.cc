// Bytes as a webhook: the receiver and the mapper must neither crash nor disagree on the call, and what is told must be
// fit for the wire.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libs/base/text.h"
#include "libs/providers/exotel/webhook_mapper.h"
#include "libs/providers/exotel/webhook_receiver.h"

namespace trunkline::providers::exotel {
namespace {

constexpr std::string_view kEvents[] = {"status",  "passthru", "end",    "popup",  "campaign",
                                        "connect", "greeting", "gather", "branch", ""};
constexpr std::string_view kTypes[] = {"application/json", "application/x-www-form-urlencoded",
                                       "multipart/form-data; boundary=b", "text/plain"};
constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-000000000001";

void Require(bool holds) {
  if (!holds) std::abort();
}

// The first byte picks event, method and type of the body; the first line is the query, the rest the body.
void Run(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes[0]);
  bytes.remove_prefix(1);
  const size_t line_end = bytes.find('\n');
  WebhookRequest request;
  request.method = (choice & 0x80) != 0 ? "GET" : "POST";
  request.event = kEvents[choice % std::size(kEvents)];
  request.url = Concat("https://h/telephony/webhook/exotel/", request.event, "?", bytes.substr(0, line_end));
  if (line_end != std::string_view::npos) request.body = bytes.substr(line_end + 1);
  request.headers = {{"content-type", std::string(kTypes[(choice >> 4) % std::size(kTypes)])}};

  Account account;
  account.id = kAccountId;
  account.credentials = {{"webhook_token", "0123456789abcdef0123456789abcdef-not-in-the-corpus"}};

  webhooks::v1::RawWebhook raw;
  raw.set_provider_account_id(account.id);
  raw.set_event(request.event);
  raw.mutable_received_at()->set_seconds(1'772'532'000);
  raw.mutable_http()->set_method(request.method);
  raw.mutable_http()->set_url(request.url);
  raw.mutable_http()->set_body(request.body);
  webhooks::v1::Header* header = raw.mutable_http()->add_headers();
  header->set_name(request.headers[0].first);
  header->set_value(request.headers[0].second);

  const ExotelReceiver receiver;
  Require(!receiver.Verify(request, account).ok());
  (void)receiver.UrlToKeep(request.url);
  (void)receiver.Challenge(request, account);
  const auto subject = receiver.Describe(request, account);
  const auto events = ExotelMapper().Map(raw);
  Require(subject.ok() == events.ok());
  if (!events.ok()) return;
  for (const events::v1::CallEvent& event : *events) {
    Require(event.call_id() == subject->call_id);
    // Fails on text that is no UTF-8.
    events::v1::CallEvent copy;
    Require(copy.ParseFromString(event.SerializeAsString()));
    Require(IsStorableText(event.details().from()) && IsStorableText(event.digits().digits()));
  }
}

}  // namespace
}  // namespace trunkline::providers::exotel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::providers::exotel::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
