// What trunkctl prints: results on standard output, everything else on standard error.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::trunkctl {

void PrintJson(const nlohmann::json& value);
void PrintJson(const google::protobuf::Message& message);
void PrintLine(const std::string& line);

// One line for people: id, status, parties, times.
std::string Summary(const control::v1::Call& call);

}  // namespace trunkline::trunkctl
