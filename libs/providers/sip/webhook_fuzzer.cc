// Bytes as a webhook and as a link's message: the receiver and the mapper must neither crash nor disagree on the call,
// and what is told must be fit for the wire.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/providers/sip/ami/message.h"
#include "libs/providers/sip/call_tracker.h"
#include "libs/providers/sip/webhook_mapper.h"
#include "libs/providers/sip/webhook_receiver.h"
#include "tests/support/webhook_agreement.h"

namespace trunkline::providers::sip {
namespace {

constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-000000000001";

void RunHttp(std::string_view bytes, bool json) {
  WebhookRequest request;
  request.method = "POST";
  request.url = "https://h/telephony/webhook/sip/events";
  request.headers = {{"content-type", json ? "application/json" : "application/x-www-form-urlencoded"},
                     {"authorization", std::string(bytes.substr(0, 300))}};
  request.body = bytes;
  Account account;
  account.id = kAccountId;
  account.credentials = {{"digest_username", "u"}, {"digest_password", "p"}, {"webhook_token", "t"}};
  const SipReceiver receiver;
  static_cast<void>(receiver.Verify(request, account).ok());
  Require(!receiver.Challenge(request, account).empty());
  RequireAgreement(receiver, SipMapper(), request, account);
}

// Messages with empty lines between them, through a tracker.
void RunLink(std::string_view bytes) {
  CallTracker tracker{TrackerOptions{}};
  std::vector<ami::Message> heard;
  while (!bytes.empty() && heard.size() < 64) {
    const size_t end = bytes.find("\r\n\r\n");
    heard.push_back(ami::Message::Parse(bytes.substr(0, end)));
    bytes = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 4);
  }
  for (const ami::Message& event : heard) {
    for (const CallContext& context : tracker.OnEvent(event, absl::UnixEpoch())) {
      webhooks::v1::RawWebhook raw;
      raw.set_provider_account_id(kAccountId);
      raw.mutable_link()->set_body(event.text() + WriteContext(context));
      if (const auto events = SipMapper().Map(raw); events.ok() && !events->empty()) {
        RequireSound(*events, events->front().call_id());
      }
    }
  }
  tracker.Resync(heard);
  webhooks::v1::RawWebhook raw;
  raw.mutable_link()->set_body(std::string(bytes));
  static_cast<void>(SipMapper().Map(raw).ok());
}

}  // namespace
}  // namespace trunkline::providers::sip

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 3 == 0) trunkline::providers::sip::RunLink(bytes);
  if (data[0] % 3 != 0) trunkline::providers::sip::RunHttp(bytes, data[0] % 3 == 1);
  return 0;
}
