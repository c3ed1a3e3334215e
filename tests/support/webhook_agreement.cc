#include "tests/support/webhook_agreement.h"

#include <cstdlib>

#include "libs/base/text.h"

namespace trunkline::providers {

void Require(bool holds) {
  if (!holds) std::abort();
}

WebhookRequest ReadFuzzedRequest(std::string_view provider, std::span<const std::string_view> events,
                                 std::string_view bytes) {
  const auto choice = static_cast<unsigned char>(bytes[0]);
  bytes.remove_prefix(1);
  const size_t line_end = bytes.find('\n');
  WebhookRequest request;
  request.method = (choice & 0x80) != 0 ? "GET" : "POST";
  request.event = events[choice % events.size()];
  request.url = Concat("https://h/telephony/webhook/", provider, "/", request.event, "?", bytes.substr(0, line_end));
  if (line_end != std::string_view::npos) request.body = bytes.substr(line_end + 1);
  return request;
}

void RequireAgreement(const WebhookReceiver& receiver, const WebhookMapper& mapper, const WebhookRequest& request,
                      const Account& account) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider_account_id(account.id);
  raw.set_event(request.event);
  raw.mutable_received_at()->set_seconds(1'772'532'000);
  raw.mutable_http()->set_method(request.method);
  raw.mutable_http()->set_url(request.url);
  raw.mutable_http()->set_body(request.body);
  for (const auto& [name, value] : request.headers) {
    webhooks::v1::Header* header = raw.mutable_http()->add_headers();
    header->set_name(name);
    header->set_value(value);
  }
  const auto subject = receiver.Describe(request, account);
  const auto events = mapper.Map(raw);
  Require(subject.ok() == events.ok());
  if (events.ok()) RequireSound(*events, subject->call_id);
}

void RequireSound(const std::vector<events::v1::CallEvent>& events, std::string_view call_id) {
  for (const events::v1::CallEvent& event : events) {
    Require(event.call_id() == call_id);
    // Fails on text that is no UTF-8.
    events::v1::CallEvent copy;
    Require(copy.ParseFromString(event.SerializeAsString()));
    Require(IsStorableText(event.details().from()) && IsStorableText(event.details().external_call_id()));
    Require(IsStorableText(event.speech().text()) && IsStorableText(event.digits().digits()));
  }
}

}  // namespace trunkline::providers
