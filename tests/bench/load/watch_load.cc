// bench-watch-load: a WatchCalls stream for each call that is named on standard input, one a line up to an empty line.
//
// Writes "watching" when every stream has begun. With the next line on standard input, or its end, it tells how many
// events each stream brought, as JSON on standard output, and ends.
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/base/config.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tests/bench/load/load_program.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::bench {
namespace {

using control::v1::WatchCallsRequest;
using control::v1::WatchCallsResponse;

struct Settings {
  std::string gateway;
  std::string api_key;
  size_t connections = 0;
};

Settings ReadSettings(int argc, const char* const* argv) {
  ConfigReader reader("bench-watch-load", "watches calls, each with a stream of its own", argc, argv);
  Settings settings;
  settings.gateway = reader.Text("gateway", std::nullopt, "its gRPC address, host:port");
  settings.api_key = reader.Secret("api-key", true, "of the calls' business");
  settings.connections = static_cast<size_t>(reader.Int("connections", 100, 1, 10'000, "that the streams share"));
  reader.Finish();
  return settings;
}

// What all streams count together.
struct Tally {
  std::mutex mutex;
  std::condition_variable changed;
  size_t settled = 0;  // began, or ended before they did
  size_t ended = 0;
};

class Stream final : public grpc::ClientReadReactor<WatchCallsResponse> {
 public:
  Stream(control::v1::CallControlService::Stub& stub, const std::string& api_key, const std::string& call_id,
         Tally& tally)
      : tally_(tally) {
    context_.AddMetadata("authorization", Concat("Bearer ", api_key));
    request_.add_call_ids(call_id);
    stub.async()->WatchCalls(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    const bool began = response_.has_started();
    {
      const std::lock_guard lock(tally_.mutex);
      if (began) Settle();
      if (response_.has_event()) ++events_;
    }
    tally_.changed.notify_all();
    StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(tally_.mutex);
    status_ = status;
    Settle();
    ++tally_.ended;
    tally_.changed.notify_all();
  }

  void Cancel() { context_.TryCancel(); }
  int64_t events() const { return events_; }
  const grpc::Status& status() const { return status_; }

 private:
  void Settle() {
    if (!settled_) ++tally_.settled;
    settled_ = true;
  }

  Tally& tally_;
  grpc::ClientContext context_;
  WatchCallsRequest request_;
  WatchCallsResponse response_;
  bool settled_ = false;
  int64_t events_ = 0;
  grpc::Status status_;
};

std::vector<std::unique_ptr<control::v1::CallControlService::Stub>> Connect(const Settings& settings) {
  std::vector<std::unique_ptr<control::v1::CallControlService::Stub>> stubs;
  for (size_t i = 0; i < settings.connections; ++i) {
    grpc::ChannelArguments arguments;
    // Else channels to the same address would share one connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(control::v1::CallControlService::NewStub(
        grpc::CreateCustomChannel(settings.gateway, grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

void Main(int argc, char** argv) {
  const Settings settings = ReadSettings(argc, argv);
  const auto stubs = Connect(settings);
  Tally tally;
  std::deque<Stream> streams;
  for (std::string call_id; std::getline(std::cin, call_id) && !call_id.empty();) {
    streams.emplace_back(*stubs[streams.size() % stubs.size()], settings.api_key, call_id, tally);
  }
  {
    std::unique_lock lock(tally.mutex);
    tally.changed.wait(lock, [&] { return tally.settled == streams.size(); });
  }
  std::cout << "watching" << '\n' << std::flush;

  std::string line;
  std::getline(std::cin, line);
  nlohmann::json events = nlohmann::json::array();
  nlohmann::json errors = nlohmann::json::object();
  {
    const std::lock_guard lock(tally.mutex);
    for (const Stream& stream : streams) {
      events.push_back(stream.events());
      if (stream.status().ok()) continue;
      const std::string error = stream.status().error_message();
      errors[error] = errors.value(error, 0) + 1;
    }
  }
  std::cout << WriteJson(nlohmann::json({{"events", events}, {"errors", errors}})) << '\n' << std::flush;
  for (Stream& stream : streams) stream.Cancel();
  std::unique_lock lock(tally.mutex);
  tally.changed.wait(lock, [&] { return tally.ended == streams.size(); });
}

}  // namespace
}  // namespace trunkline::bench

int main(int argc, char** argv) {
  return trunkline::bench::RunLoadProgram("bench-watch-load", [&] { trunkline::bench::Main(argc, argv); });
}
