// bench-raw-webhooks: fills the topic of raw webhooks with the status webhooks of made-up calls, as webhook-ingest
// would.
//
// Calls overlap, as they do in life: of so many calls at a time first all begin, then all ring, and so on. With one
// call after the other the normalizer would find all webhooks of a call in one batch. Duplicates have a webhook_id of
// their own, as a provider's second delivery has.
#include <atomic>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/config.h"
#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/providers/webhook_url.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "libs/webhooks/raw_webhook_message.h"
#include "tests/bench/load/load_program.h"
#include "tests/bench/load/made_up_calls.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::bench {
namespace {

constexpr absl::Duration kLongestFlush = absl::Seconds(60);

struct Settings {
  std::string kafka_bootstrap;
  std::string topic_prefix;
  int64_t calls = 0;
  int64_t overlapping_calls = 0;
  int64_t duplicate_every = 0;
  uint32_t seed = 0;
  std::string public_url;
  std::string account_id;
  std::string account_sid;
  std::string business_id;
};

Settings ReadSettings(int argc, const char* const* argv) {
  ConfigReader reader("bench-raw-webhooks", "fills the topic of raw webhooks", argc, argv);
  Settings settings;
  settings.kafka_bootstrap = reader.Text("kafka-bootstrap", std::nullopt, "Kafka brokers");
  settings.topic_prefix = reader.Text("topic-prefix", "trunkline.", "what every topic's name begins with");
  settings.calls = reader.Int("calls", 100'000, 1, 100'000'000, "each with four webhooks");
  settings.overlapping_calls = reader.Int("overlapping-calls", 10'000, 1, 100'000'000, "calls in progress at a time");
  settings.duplicate_every = reader.Int("duplicate-every", 100, 0, 1'000'000, "every so many come twice; 0 for none");
  settings.seed = static_cast<uint32_t>(reader.Int("seed", 1, 0, 0xffffffff, "which calls are made up"));
  settings.public_url = reader.Text("public-url", "https://hooks.example.com", "the base of the webhooks' URL");
  settings.account_id = reader.Text("account", std::nullopt, "provider account");
  settings.account_sid = reader.Text("account-sid", std::nullopt, "its AccountSid");
  settings.business_id = reader.Text("business", std::nullopt, "its business");
  reader.Finish();
  return settings;
}

class RawTopic {
 public:
  explicit RawTopic(const Settings& settings)
      : settings_(settings),
        topics_(settings.topic_prefix),
        calls_(settings.seed, settings.account_sid, absl::Now()),
        url_(providers::WebhookUrl{.provider = "twilio", .event = "status", .account_id = settings.account_id}.Render(
            settings.public_url)) {
    auto producer = kafka::Producer::Start({.bootstrap = settings.kafka_bootstrap, .delivery_timeout = kLongestFlush});
    if (!producer.ok()) throw std::runtime_error(producer.status().ToString());
    producer_ = *std::move(producer);
  }

  void Fill() {
    int64_t number = 0;
    for (int64_t first = 0; first < settings_.calls; first += settings_.overlapping_calls) {
      const int64_t end = std::min(first + settings_.overlapping_calls, settings_.calls);
      for (int sequence = 0; sequence < kWebhooksOfACall; ++sequence) {
        std::vector<int64_t> again;
        for (int64_t call = first; call < end; ++call) {
          Send(call, sequence);
          if (settings_.duplicate_every > 0 && ++number % settings_.duplicate_every == 0) again.push_back(call);
        }
        for (const int64_t call : again) Send(call, sequence);
      }
    }
    const absl::Status flushed = producer_->Flush(kLongestFlush);
    if (!flushed.ok()) throw std::runtime_error(flushed.ToString());
    if (lost_ > 0) throw std::runtime_error(Concat(lost_.load(), " messages were not delivered"));
  }

  int64_t sent() const { return sent_; }

 private:
  webhooks::v1::RawWebhook RawOf(int64_t call, int sequence) const {
    const absl::Time now = absl::Now();
    webhooks::v1::RawWebhook raw;
    raw.set_webhook_id(NewUuid(now));
    raw.set_provider("twilio");
    raw.set_provider_account_id(settings_.account_id);
    raw.set_business_id(settings_.business_id);
    raw.set_call_id(telephony::CallIdOf(settings_.account_id, calls_.CallSid(call)));
    raw.set_event("status");
    *raw.mutable_received_at() = telephony::ToProto(now);
    raw.set_remote_address("127.0.0.1");
    raw.set_traceparent(ChildOf(ParseTraceparent("")).ToTraceparent());
    webhooks::v1::HttpWebhook* http = raw.mutable_http();
    const auto add_header = [http](std::string_view name, std::string value) {
      webhooks::v1::Header* header = http->add_headers();
      header->set_name(std::string(name));
      header->set_value(std::move(value));
    };
    add_header("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
    add_header("i-twilio-idempotency-token", calls_.IdempotencyToken(call, sequence));
    http->set_method("POST");
    http->set_url(url_);
    http->set_body(calls_.Body(call, sequence));
    return raw;
  }

  void Send(int64_t call, int sequence) {
    const webhooks::v1::RawWebhook raw = RawOf(call, sequence);
    const kafka::OutgoingMessage message = webhooks::MessageOf(raw, raw.SerializeAsString(), topics_.raw_webhooks);
    const auto delivered = [this](const absl::Status& status) {
      if (!status.ok()) ++lost_;
    };
    // The producer's queue is bounded, and this is faster than any broker: when it is full, let it empty.
    while (!producer_->Send(message, delivered).ok()) producer_->Flush(absl::Seconds(1)).IgnoreError();
    ++sent_;
  }

  const Settings& settings_;
  const kafka::Topics topics_;
  const MadeUpCalls calls_;
  const std::string url_;
  std::atomic<int64_t> lost_ = 0;
  int64_t sent_ = 0;
  std::unique_ptr<kafka::Producer> producer_;
};

void Main(int argc, char** argv) {
  const Settings settings = ReadSettings(argc, argv);
  RawTopic topic(settings);
  topic.Fill();
  std::cout << WriteJson(nlohmann::json{{"sent", topic.sent()}}) << '\n';
}

}  // namespace
}  // namespace trunkline::bench

int main(int argc, char** argv) {
  return trunkline::bench::RunLoadProgram("bench-raw-webhooks", [&] { trunkline::bench::Main(argc, argv); });
}
