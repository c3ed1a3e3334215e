#include "tests/conformance/twin_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "libs/base/text.h"

namespace trunkline::conformance {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(30);
constexpr auto kWaitInterval = std::chrono::milliseconds(10);

std::string MakeFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "conformance-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

}  // namespace

TwinProcess::TwinProcess(const std::string& accounts) : folder_(MakeFolder()) {
  const std::string port_file = folder_ + "/port";
  std::vector<std::string> words = {PROVIDER_TWIN, "--port=0", "--ami-port=0", Concat("--port-file=", port_file),
                                    Concat("--twin-accounts=", accounts)};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("the twin cannot be started: " PROVIDER_TWIN);
  if (process_ == 0) {
    // A test that is killed leaves no twin behind.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execv(PROVIDER_TWIN, arguments.data());
    _exit(EXIT_FAILURE);
  }
  // The file is renamed into place once requests are served; there is nothing else to wait on.
  const auto limit = std::chrono::steady_clock::now() + kStartLimit;
  std::string port;
  while (!(std::ifstream(port_file) >> port)) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the twin does not serve");
    std::this_thread::sleep_for(kWaitInterval);
  }
  url_ = Concat("http://127.0.0.1:", port);
}

TwinProcess::~TwinProcess() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  std::filesystem::remove_all(folder_);
}

std::string TwinProcess::Control(std::string_view method, std::string_view path, std::string_view json) const {
  const auto response = client_.Send({.method = std::string(method),
                                      .url = Concat(url_, path),
                                      .headers = {{"Content-Type", "application/json"}},
                                      .body = std::string(json)});
  if (!response.ok()) {
    ADD_FAILURE() << response.status();
    return {};
  }
  EXPECT_EQ(response->status / 100, 2) << path << ": " << response->body;
  return response->body;
}

}  // namespace trunkline::conformance
