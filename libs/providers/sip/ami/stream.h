// A connection to an exchange as a stream of bytes, plain or by TLS. Everything has a deadline, and ends at once when
// the owner is stopped.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/sip/ami/stop_signal.h"

namespace trunkline::providers::sip::ami {

struct Endpoint {
  std::string host;
  uint16_t port = 5038;
  bool tls = false;
  bool verify = true;   // the certificate and its name
  std::string ca_file;  // PEM; empty: the machine's own list
};

class Stream {
 public:
  virtual ~Stream() = default;

  // At least one byte. DEADLINE_EXCEEDED, CANCELLED when stopped, UNAVAILABLE when the connection has ended.
  virtual absl::StatusOr<std::string> Read(absl::Time deadline) = 0;
  // All bytes; fails like Read().
  virtual absl::Status Write(std::string_view bytes, absl::Time deadline) = 0;
};

// UNAVAILABLE when nobody answers there in time, FAILED_PRECONDITION when TLS does not come about. `stop` may be null.
absl::StatusOr<std::unique_ptr<Stream>> Connect(const Endpoint& endpoint, absl::Time deadline, const StopSignal* stop);

}  // namespace trunkline::providers::sip::ami
