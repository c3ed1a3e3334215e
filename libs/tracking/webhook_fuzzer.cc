// Bytes as a webhook, and as a record, of each platform: receiver and mapper must neither crash nor disagree on the
// call, nothing genuine may come of them, and what is told must be fit for the wire.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/base/text.h"
#include "libs/tracking/built_in_platforms.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::tracking {
namespace {

constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-00000000000a";
constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT"};

void Require(bool holds) {
  if (!holds) std::abort();
}

const Registry& Platforms() {
  static const SystemClock clock;
  static const Registry registry = BuiltInPlatforms({.public_url = "https://h", .clock = &clock});
  return registry;
}

void CheckEvents(const std::vector<events::v1::CallEvent>& events) {
  for (const events::v1::CallEvent& event : events) {
    Require(!event.call_id().empty() && !event.event_id().empty());
    // Fails on text that is no UTF-8.
    events::v1::CallEvent copy;
    Require(copy.ParseFromString(event.SerializeAsString()));
    Require(IsStorableText(event.details().from()) && IsStorableText(event.details().buyer_name()));
  }
}

void RunRecord(const TrackingPlatform& platform, std::string_view bytes) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider_account_id(kAccountId);
  raw.mutable_record()->set_body(std::string(bytes));
  raw.mutable_record()->mutable_requested_at()->set_seconds(1'772'460'600);
  const auto events = platform.Mapper().Map(raw);
  if (events.ok()) CheckEvents(*events);
}

// The first line is the query, the rest the body.
void RunWebhook(const TrackingPlatform& platform, std::string_view method, std::string_view bytes) {
  const size_t line_end = bytes.find('\n');
  providers::WebhookRequest request;
  request.method = std::string(method);
  request.url = Concat("https://h/webhooks/", platform.Name(), "/", kAccountId, "/ended?", bytes.substr(0, line_end));
  if (line_end != std::string_view::npos) request.body = bytes.substr(line_end + 1);
  request.received_at = absl::FromUnixSeconds(1'772'460'600);
  Account account;
  account.id = kAccountId;
  account.provider = std::string(platform.Name());
  account.settings = {{"webhook_modes", "url_token"}};
  account.credentials = {{"webhook_token", "0123456789abcdef0123456789abcdef0123456789abcdef"}};
  Require(!platform.Receiver().Verify(request, account).ok());
  const auto received = platform.Receiver().Read(request, account);
  if (!received.ok()) return;
  for (const webhooks::v1::RawWebhook& raw : received->messages) {
    const auto events = platform.Mapper().Map(raw);
    Require(events.ok());
    for (const events::v1::CallEvent& event : *events) Require(event.call_id() == raw.call_id());
    CheckEvents(*events);
  }
}

void Run(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes[0]);
  bytes.remove_prefix(1);
  const std::vector<std::string> names = Platforms().Names();
  const TrackingPlatform& platform = *Platforms().Find(names[choice % names.size()]);
  (void)WebhookUrlToKeep(bytes);
  if ((choice & 0x80) != 0) {
    RunRecord(platform, bytes);
  } else {
    RunWebhook(platform, kMethods[(choice >> 4) % std::size(kMethods)], bytes);
  }
}

}  // namespace
}  // namespace trunkline::tracking

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::tracking::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
