// The outside world as one process: speaks the providers' wire formats, places simulated calls and sends real webhooks.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/config.h"
#include "libs/base/log.h"
#include "libs/base/secrets.h"
#include "libs/base/shutdown.h"
#include "libs/base/text.h"
#include "libs/http/server.h"
#include "tools/provider-twin/exotel/exotel_twin.h"
#include "tools/provider-twin/plivo/plivo_twin.h"
#include "tools/provider-twin/retreaver/retreaver_twin.h"
#include "tools/provider-twin/ringba/ringba_twin.h"
#include "tools/provider-twin/settings.h"
#include "tools/provider-twin/sip/sip_twin.h"
#include "tools/provider-twin/timer_queue.h"
#include "tools/provider-twin/trackdrive/trackdrive_twin.h"
#include "tools/provider-twin/tracking/tracking_twin.h"
#include "tools/provider-twin/twilio/twilio_twin.h"
#include "tools/provider-twin/twin.h"
#include "tools/provider-twin/webhook_transport.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin {
namespace {

struct Config {
  std::string address;
  uint16_t port = 0;
  uint16_t ami_port = 0;
  std::string port_file;
  std::string public_url;
  std::string accounts;
  std::string settings;
  int webhook_workers = 0;
  size_t keep_calls = 0;
  size_t keep_log = 0;
};

Config ReadConfig(int argc, const char* const* argv) {
  ConfigReader reader("provider-twin", "Plays the telephony providers for tests, demonstrations and staging.", argc,
                      argv);
  Config config;
  config.address = reader.Text("address", "127.0.0.1", "address to listen on");
  config.port = static_cast<uint16_t>(reader.Int("port", 8090, 0, 65535, "port to listen on; 0 picks one"));
  config.ami_port = static_cast<uint16_t>(
      reader.Int("ami-port", 0, 0, 65535, "port of the manager interface; 0 picks one, see /twin/sip/endpoint"));
  config.port_file = reader.Text("port-file", "", "file that gets the port once requests are served; empty: none");
  config.public_url = reader.Text("public-url", "",
                                  "where others reach the twin, for URLs that it hands out; "
                                  "empty: http://ADDRESS:PORT");
  config.accounts =
      reader.Secret("twin-accounts", false, "accounts, separated by commas: twilio/AC...:token, sip/user:secret");
  config.settings = reader.Text("settings", "{}", "first settings, the JSON of PUT /twin/config");
  config.webhook_workers =
      static_cast<int>(reader.Int("webhook-workers", 32, 1, 1000, "webhooks that are sent at the same time"));
  config.keep_calls = static_cast<size_t>(reader.Int("keep-calls", 50'000, 1, 10'000'000, "calls that are remembered"));
  config.keep_log =
      static_cast<size_t>(reader.Int("keep-log", 20'000, 1, 10'000'000, "requests and webhooks that are remembered"));
  reader.Finish();
  return config;
}

// "twilio/AC...:token, ..."
bool AddAccounts(const Config& config, const std::vector<std::unique_ptr<Provider>>& providers) {
  for (const std::string_view piece : Split(config.accounts, ',')) {
    const std::string_view text = Trim(piece);
    if (text.empty()) continue;
    const size_t slash = text.find('/');
    const auto provider = std::find_if(providers.begin(), providers.end(),
                                       [&](const auto& known) { return known->name() == text.substr(0, slash); });
    const absl::Status added = provider == providers.end() || slash == std::string_view::npos
                                   ? absl::InvalidArgumentError("an account is written PROVIDER/...")
                                   : (*provider)->AddAccount(text.substr(slash + 1));
    if (!added.ok()) {
      LogError("twin-accounts cannot be read", {{"error", added}});
      return false;
    }
  }
  return true;
}

// Renamed into place, so that whoever waits for the file never reads half of it.
void WritePort(const std::string& file, uint16_t port) {
  const std::string temporary = file + ".new";
  std::ofstream(temporary) << port << "\n";
  std::rename(temporary.c_str(), file.c_str());
}

int Main(int argc, const char* const* argv) {
  StopSignals signals;
  StartLog("provider-twin", LogLevel::kInfo);
  const Config config = ReadConfig(argc, argv);

  TimerQueue timers;
  World world(timers);
  world.call_capacity = config.keep_calls;
  world.log_capacity = config.keep_log;
  world.public_url = config.public_url;
  const auto settings = ChangeSettings(world.settings, config.settings);
  if (!settings.ok()) {
    LogError("settings cannot be read", {{"error", settings.status()}});
    return EXIT_FAILURE;
  }
  world.settings = *settings;
  world.chance.Reseed(world.settings.seed);

  const auto transport = MakeHttpTransport(config.webhook_workers);
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<exotel::ExotelTwin>(world, *transport));
  providers.push_back(std::make_unique<plivo::PlivoTwin>(world, *transport));
  providers.push_back(std::make_unique<twilio::TwilioTwin>(world, *transport));
  for (auto* make : {&retreaver::MakePlatform, &ringba::MakePlatform, &trackdrive::MakePlatform}) {
    providers.push_back(std::make_unique<tracking::TrackingTwin>(world, *transport, make(world)));
  }
  auto exchange = std::make_unique<sip::SipTwin>(world, *transport);
  if (const absl::Status listening = exchange->Listen({.address = config.address, .port = config.ami_port});
      !listening.ok()) {
    LogError("cannot serve", {{"error", listening}});
    return EXIT_FAILURE;
  }
  providers.push_back(std::move(exchange));
  if (!AddAccounts(config, providers)) return EXIT_FAILURE;
  Twin twin(world, std::move(providers));

  http::ServerOptions options;
  options.address = config.address;
  options.port = config.port;
  auto server = http::Server::Start(options, [&twin](http::Request request, http::Responder respond) {
    twin.Handle(std::move(request), std::move(respond));
  });
  if (!server.ok()) {
    LogError("cannot serve", {{"error", server.status()}});
    return EXIT_FAILURE;
  }
  const uint16_t port = (*server)->port();
  // On the scheduler, as all use of the world: a request may be under way already.
  timers.Soon([&world, &config, port] {
    if (world.public_url.empty()) world.public_url = Concat("http://", config.address, ":", port);
  });
  if (!config.port_file.empty()) WritePort(config.port_file, port);
  LogInfo("started", {{"port", port}});
  signals.Wait();
  LogInfo("stopped");
  // At once: nothing here is worth saving, and webhooks under way may take seconds to give up.
  std::_Exit(EXIT_SUCCESS);
}

}  // namespace
}  // namespace trunkline::twin

int main(int argc, char** argv) { return trunkline::twin::Main(argc, argv); }
