// Gives librdkafka's mock broker a port of our choice.
//
// The mock cluster binds every broker to port 0 and has no setting for it. A broker that comes back under another port
// after a crash is lost to every client, so this program brings its own bind(), which librdkafka finds before the C
// library's: the first listener on a loopback address that asks for any port gets the chosen one.
#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace trunkline {

// To be called before the mock cluster is created; 0 leaves the choice to the system. UNAVAILABLE when the port is in
// use, which is asked here because librdkafka 2.0.2 aborts the process when its own bind() fails.
absl::Status ListenOnPort(uint16_t port);

}  // namespace trunkline
