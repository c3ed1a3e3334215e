#include "tools/provider-twin/twilio/rest_error.h"

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin::twilio {

http::Response RestError(int http_status, int code, std::string_view message) {
  nlohmann::ordered_json json;
  json["code"] = code;
  json["message"] = message;
  json["more_info"] = Concat("https://www.twilio.com/docs/errors/", code);
  json["status"] = http_status;
  http::Response response = http::JsonResponse(http_status, WriteJson(json));
  if (http_status == 401) response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Twilio API\"");
  return response;
}

http::Response NotFound(std::string_view path) {
  return RestError(404, 20404, Concat("The requested resource ", path, " was not found"));
}

}  // namespace trunkline::twin::twilio
