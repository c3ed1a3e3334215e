// bench-webhook-load: signed status webhooks for a target, as fast as it answers or at a rate.
//
// Request i is webhook i % 4 of call i / 4 (made_up_calls.h). All requests are built and signed before the first is
// sent. The result is JSON on standard output.

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/config.h"
#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/twilio/signature.h"
#include "libs/providers/webhook_url.h"
#include "tests/bench/load/load_client.h"
#include "tests/bench/load/load_program.h"
#include "tests/bench/load/made_up_calls.h"

namespace trunkline::bench {
namespace {

struct Settings {
  LoadOptions load;
  int64_t requests = 0;
  uint32_t seed = 0;
  std::string public_url;
  std::string account_id;
  std::string account_sid;
  std::string auth_token;
};

Settings ReadSettings(int argc, const char* const* argv) {
  ConfigReader reader("bench-webhook-load", "sends signed status webhooks of made-up calls and measures the answers",
                      argc, argv);
  Settings settings;
  settings.load.port = static_cast<uint16_t>(reader.Int("target-port", std::nullopt, 1, 65535, "on 127.0.0.1"));
  settings.load.connections = static_cast<int>(reader.Int("connections", 256, 1, 10'000, "kept alive"));
  settings.load.duration =
      absl::ToChronoNanoseconds(reader.Duration("duration", absl::Seconds(5), "how long requests are sent"));
  settings.load.rate = static_cast<double>(
      reader.Int("rate", 0, 0, 1'000'000, "requests a second; 0 sends the next one with each answer"));
  settings.requests = reader.Int("requests", 100'000, 1, 10'000'000, "most requests; all are kept in memory");
  settings.seed = static_cast<uint32_t>(reader.Int("seed", 1, 0, 0xffffffff, "which calls are made up"));
  settings.public_url = reader.Text("public-url", std::nullopt, "the base that is signed, and the Host that is sent");
  settings.account_id = reader.Text("account", std::nullopt, "provider account that the URL names");
  settings.account_sid = reader.Text("account-sid", std::nullopt, "its AccountSid");
  settings.auth_token = reader.Secret("auth-token", true, "its AuthToken, which signs");
  reader.Finish();
  return settings;
}

std::vector<std::string> MakeRequests(const Settings& settings) {
  const MadeUpCalls calls(settings.seed, settings.account_sid, absl::Now());
  const std::string url =
      providers::WebhookUrl{.provider = "twilio", .event = "status", .account_id = settings.account_id}.Render(
          settings.public_url);
  const std::string_view authority = std::string_view(settings.public_url).substr(settings.public_url.find("//") + 2);
  const std::string_view target = std::string_view(url).substr(settings.public_url.size());
  std::vector<std::string> requests;
  requests.reserve(static_cast<size_t>(settings.requests));
  for (int64_t i = 0; i < settings.requests; ++i) {
    const int64_t call = i / kWebhooksOfACall;
    const int sequence = static_cast<int>(i % kWebhooksOfACall);
    const std::string body = calls.Body(call, sequence);
    requests.push_back(Concat("POST ", target, " HTTP/1.1\r\nHost: ", authority,
                              "\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
                              "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
                              "X-Twilio-Signature: ",
                              providers::twilio::Sign(url, ParseForm(body), settings.auth_token),
                              "\r\nI-Twilio-Idempotency-Token: ", calls.IdempotencyToken(call, sequence),
                              "\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
  }
  return requests;
}

double MillisecondsAt(const std::vector<uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto position = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(position, sorted.size() - 1)] / 1000.0;
}

nlohmann::json Describe(LoadResult result, double processor_seconds) {
  std::sort(result.microseconds.begin(), result.microseconds.end());
  nlohmann::json statuses = nlohmann::json::object();
  for (const auto& [status, count] : result.statuses) statuses[Concat(status)] = count;
  return {{"sent", result.sent},
          {"accepted", result.microseconds.size()},
          {"statuses", statuses},
          {"refused", result.refused},
          {"unanswered", result.unanswered},
          {"seconds", result.seconds},
          {"processor_seconds", processor_seconds},
          {"milliseconds",
           {{"p50", MillisecondsAt(result.microseconds, 0.5)},
            {"p99", MillisecondsAt(result.microseconds, 0.99)},
            {"p999", MillisecondsAt(result.microseconds, 0.999)},
            {"max", MillisecondsAt(result.microseconds, 1)}}}};
}

void Main(int argc, char** argv) {
  const Settings settings = ReadSettings(argc, argv);
  const std::vector<std::string> requests = MakeRequests(settings);
  LoadClient client(settings.load, requests);
  const double before = ProcessorSeconds();
  LoadResult result = client.Run();
  const double used = ProcessorSeconds() - before;
  std::cout << WriteJson(Describe(std::move(result), used)) << '\n';
}

}  // namespace
}  // namespace trunkline::bench

int main(int argc, char** argv) {
  return trunkline::bench::RunLoadProgram("bench-webhook-load", [&] { trunkline::bench::Main(argc, argv); });
}
