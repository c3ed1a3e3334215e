// A message that somebody wrote into a file as JSON.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"

namespace trunkline::trunkctl {

// NOT_FOUND when there is no such file; INVALID_ARGUMENT says what is wrong in it.
absl::Status ReadJson(const std::string& path, google::protobuf::Message* message);

}  // namespace trunkline::trunkctl
