// bench-dial-load: InitiateCall at a rate, each to a number of its own.
//
// Requests are due at even times and are sent then, whether earlier ones were answered or not, so that a gateway that
// falls behind cannot hide it. The result is JSON on standard output: of each call how many microseconds its request
// was sent late, and how many later the answer came. Late is what this program was itself; when it is much, the
// processors had no time for it, and the figures are those of the machine.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/base/config.h"
#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tests/bench/load/load_program.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Settings {
  std::string gateway;
  std::string api_key;
  int64_t calls = 0;
  double rate = 0;
  int64_t first_number = 0;
  std::string ending;
  absl::Duration patience;
};

Settings ReadSettings(int argc, const char* const* argv) {
  ConfigReader reader("bench-dial-load", "places calls at a rate and measures the answers", argc, argv);
  Settings settings;
  settings.gateway = reader.Text("gateway", std::nullopt, "its gRPC address, host:port");
  settings.api_key = reader.Secret("api-key", true, "of a business with a default account and number");
  settings.calls = reader.Int("calls", 5'000, 1, 1'000'000, "how many");
  settings.rate = static_cast<double>(reader.Int("rate", 500, 1, 100'000, "calls a second"));
  settings.first_number = reader.Int("first-number", 0, 0, 9'000'000, "numbers count from here");
  settings.ending = reader.Text("ending", "51", "last two digits of each number, which choose the call's story");
  settings.patience = reader.Duration("patience", absl::Seconds(20), "how long an answer may take");
  reader.Finish();
  return settings;
}

// One request on its way; stays where it is.
struct Dial {
  grpc::ClientContext context;
  control::v1::InitiateCallRequest request;
  control::v1::InitiateCallResponse response;
  SteadyClock::time_point sent;
  int64_t late = 0;  // microseconds
  int64_t took = 0;
  grpc::Status status;
};

int64_t MicrosecondsSince(SteadyClock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - time).count();
}

class DialLoad {
 public:
  explicit DialLoad(const Settings& settings) : settings_(settings) {
    for (int64_t i = 0; i < settings.calls; ++i) Prepare(dials_.emplace_back(), i);
  }

  // Returns when every request was answered.
  void Run() {
    const auto channel = grpc::CreateChannel(settings_.gateway, grpc::InsecureChannelCredentials());
    channel->WaitForConnected(absl::ToChronoTime(absl::Now() + settings_.patience));
    const auto stub = control::v1::CallControlService::NewStub(channel);
    const auto pause =
        std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(1 / settings_.rate));
    const auto began = SteadyClock::now();
    for (size_t i = 0; i < dials_.size(); ++i) {
      Dial& dial = dials_[i];
      const auto due = began + static_cast<SteadyClock::rep>(i) * pause;
      // The even rate is what is asked for, whatever was answered.
      std::this_thread::sleep_until(due);
      dial.late = MicrosecondsSince(due);
      dial.sent = SteadyClock::now();
      dial.context.set_deadline(absl::ToChronoTime(absl::Now() + settings_.patience));
      stub->async()->InitiateCall(&dial.context, &dial.request, &dial.response, [this, &dial](grpc::Status status) {
        dial.took = MicrosecondsSince(dial.sent);
        dial.status = std::move(status);
        const std::lock_guard lock(mutex_);
        if (++answered_ == dials_.size()) all_answered_.notify_all();
      });
    }
    std::unique_lock lock(mutex_);
    all_answered_.wait(lock, [this] { return answered_ == dials_.size(); });
    seconds_ = std::chrono::duration<double>(SteadyClock::now() - began).count();
  }

  nlohmann::json Describe() const {
    nlohmann::json calls = nlohmann::json::object();
    nlohmann::json errors = nlohmann::json::object();
    for (const Dial& dial : dials_) {
      if (dial.status.ok()) {
        calls[dial.response.call().record().call_id()] = {{"late", dial.late}, {"took", dial.took}};
      } else {
        const std::string error = dial.status.error_message();
        errors[error] = errors.value(error, 0) + 1;
      }
    }
    return {{"calls", calls}, {"errors", errors}, {"seconds", seconds_}};
  }

 private:
  void Prepare(Dial& dial, int64_t number) const {
    dial.context.AddMetadata("authorization", Concat("Bearer ", settings_.api_key));
    dial.request.set_request_id(NewUuid(absl::Now()));
    dial.request.set_to(absl::StrFormat("+15%07d%s", settings_.first_number + number, settings_.ending));
    dial.request.mutable_ring_timeout()->set_seconds(600);
    dial.request.mutable_plan()->add_verbs()->mutable_say()->set_text("Good morning.");
    dial.request.mutable_plan()->add_verbs()->mutable_hangup();
  }

  const Settings& settings_;
  std::deque<Dial> dials_;
  std::mutex mutex_;
  std::condition_variable all_answered_;
  size_t answered_ = 0;
  double seconds_ = 0;
};

void Main(int argc, char** argv) {
  const Settings settings = ReadSettings(argc, argv);
  DialLoad load(settings);
  const double before = ProcessorSeconds();
  load.Run();
  nlohmann::json result = load.Describe();
  result["processor_seconds"] = ProcessorSeconds() - before;
  std::cout << WriteJson(result) << '\n';
}

}  // namespace
}  // namespace trunkline::bench

int main(int argc, char** argv) {
  return trunkline::bench::RunLoadProgram("bench-dial-load", [&] { trunkline::bench::Main(argc, argv); });
}
