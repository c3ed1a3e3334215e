// The sockets of the manager interface, plain and by TLS. They have a thread of their own; what they receive is told on
// the scheduler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/provider-twin/scheduler.h"
#include "tools/provider-twin/sip/certificate.h"

namespace trunkline::twin::sip {

// One connection. Any thread.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void Send(std::string bytes) = 0;
  // After what was sent before.
  virtual void Close() = 0;
};

struct PeerEvents {
  std::function<void(std::shared_ptr<Peer>)> opened;
  std::function<void(std::shared_ptr<Peer>, std::string bytes)> received;
  std::function<void(std::shared_ptr<Peer>)> closed;
};

class AmiServer {
 public:
  virtual ~AmiServer() = default;
  // Port 0 picks a free one. The scheduler outlives the server; nothing is told after its end.
  static absl::StatusOr<std::unique_ptr<AmiServer>> Start(Scheduler& scheduler, const std::string& address,
                                                          uint16_t port, uint16_t tls_port,
                                                          const Certificate& certificate, PeerEvents events);
  virtual uint16_t port() const = 0;
  virtual uint16_t tls_port() const = 0;
};

}  // namespace trunkline::twin::sip
