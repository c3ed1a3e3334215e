// What a load of slots is told.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace trunkline::bench {

struct SlotLoadSettings {
  std::string target;   // governor, echo, redis or postgres
  std::string address;  // host:port; a connection string of PostgreSQL
  std::string service_token;
  int clients = 0;      // each asks for one batch at a time
  int batch = 0;        // slots in a request
  int connections = 0;  // that gRPC clients share
  int businesses = 0;   // the clients take turns at them
  bool keep = false;    // what was granted is held while the next is asked for
  int64_t limit = 0;    // of all calls and of each business, where the load program says it
  absl::Duration length;
};

// The business of a client.
std::string BusinessOf(const SlotLoadSettings& settings, int client);

}  // namespace trunkline::bench
