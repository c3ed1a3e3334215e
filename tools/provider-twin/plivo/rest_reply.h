// How the API's answers are written.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/http/message.h"

namespace trunkline::twin::plivo {

http::Response ErrorReply(int status, std::string_view error);
http::Response NotFoundReply();
http::Response NoContent();
// {"api_id":…,"message":…} and more members.
http::Response MessageReply(int status, std::string_view message, const nlohmann::ordered_json& more = {});
// A page of a list, by `limit` (1 to 20) and `offset` of the query; `objects` are JSON texts. `count_name` is how the
// total is called.
http::Response PageReply(const std::vector<std::string>& objects, std::string_view path, const Form& query,
                         const char* count_name = "total_count");

}  // namespace trunkline::twin::plivo
