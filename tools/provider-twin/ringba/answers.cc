#include "tools/provider-twin/ringba/answers.h"

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin::ringba {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kTransaction[] = "TR44a98169-1111-4222-8333-bb2b3a055059";

http::Response Render(int status, const Json& body) { return http::JsonResponse(status, WriteJson(body)); }

std::string Capital(std::string word) {
  if (!word.empty()) word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

}  // namespace

http::Response Success(Json body) {
  body["transactionId"] = kTransaction;
  return Render(200, body);
}

http::Response Error(int status, std::string_view message, int code) {
  return Render(status, {{"transactionId", kTransaction},
                         {"message", message},
                         {"messageCode", code},
                         {"errors", Json::array({message})}});
}

http::Response NotFound(std::string_view what) { return Error(404, Concat(what, " is not found"), 101); }

http::Response TooMany(const tracking::RequestWindows::Exceeded& exceeded, int status) {
  const std::string unit = Capital(exceeded.limit.unit);
  const std::string resource = exceeded.limit.resource == "detail" ? "GetCallDetails" : "GetCallLogs";
  Json use;
  use[Concat("per", unit)] = {{"limit", exceeded.limit.most}, {"currentCount", exceeded.count}};
  return Render(
      status,
      {{"transactionId", kTransaction},
       {"isRateLimited", true},
       {"exceedingRateLimit", unit},
       {"rateLimitedResource", resource},
       {"message", Concat("Your account has been rate limited at the '", unit, "' for the resource '", resource, "'")},
       {"rateLimit", use}});
}

std::string Member(const nlohmann::json& object, const char* name) {
  const auto member = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && member != object.end() && member->is_string() ? member->get<std::string>()
                                                                             : std::string();
}

}  // namespace trunkline::twin::ringba
