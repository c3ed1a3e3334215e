// The error bodies of the REST API.
#pragma once

#include <string_view>

#include "libs/http/message.h"

namespace trunkline::twin::twilio {

// {"code":…,"message":…,"more_info":…,"status":…} with that HTTP status.
http::Response RestError(int http_status, int code, std::string_view message);
http::Response NotFound(std::string_view path);

}  // namespace trunkline::twin::twilio
