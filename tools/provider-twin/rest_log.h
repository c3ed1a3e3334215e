// The requests that were made to a provider's API, for the control API.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "tools/provider-twin/bounded_log.h"

namespace trunkline::twin {

struct RestRequest {
  absl::Time time;
  std::string method;
  std::string path;
  Form params;  // of the query and of the body
  int status = 0;
  std::string call_id;  // of the first call that it placed
};
using RestLog = BoundedLog<RestRequest>;

}  // namespace trunkline::twin
