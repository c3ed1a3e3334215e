// The provider twin as a process of its own, on a port of its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "libs/http/client.h"

namespace trunkline::conformance {

class TwinProcess {
 public:
  // Throws std::runtime_error when the twin cannot be started.
  explicit TwinProcess(const std::string& accounts);
  ~TwinProcess();
  TwinProcess(const TwinProcess&) = delete;
  TwinProcess& operator=(const TwinProcess&) = delete;

  const std::string& url() const { return url_; }
  // Of the control API. Fails the test when it does not answer with 2xx; gives the body.
  std::string Control(std::string_view method, std::string_view path, std::string_view json = {}) const;

 private:
  std::string folder_;
  pid_t process_ = -1;
  std::string url_;
  mutable http::Client client_{http::ClientOptions{}};
};

}  // namespace trunkline::conformance
