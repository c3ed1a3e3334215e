#include "tools/provider-twin/plivo/rest_reply.h"

#include <algorithm>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {
namespace {

constexpr int64_t kPageSize = 20;

http::Response Reply(int status, const Json& json) { return http::JsonResponse(status, WriteJson(json)); }

}  // namespace

http::Response ErrorReply(int status, std::string_view error) {
  return Reply(status, {{"api_id", NewCallUuid()}, {"error", error}});
}

http::Response NotFoundReply() { return ErrorReply(404, "not found"); }

http::Response NoContent() { return {.status = 204}; }

http::Response MessageReply(int status, std::string_view message, const Json& more) {
  Json json = {{"api_id", NewCallUuid()}, {"message", message}};
  if (more.is_object()) json.update(more);
  return Reply(status, json);
}

http::Response PageReply(const std::vector<std::string>& objects, std::string_view path, const Form& query,
                         const char* count_name) {
  const int64_t limit =
      std::clamp<int64_t>(ParseInt(FindInForm(query, "limit").value_or("")).value_or(kPageSize), 1, kPageSize);
  const auto total = static_cast<int64_t>(objects.size());
  const int64_t offset = std::clamp<int64_t>(ParseInt(FindInForm(query, "offset").value_or("")).value_or(0), 0, total);
  const int64_t end = std::min(offset + limit, total);
  std::string page;
  for (int64_t i = offset; i < end; ++i) page += Concat(page.empty() ? "" : ",", objects[static_cast<size_t>(i)]);
  const auto url_of = [&](int64_t at) { return Json(Concat(path, "?limit=", limit, "&offset=", at)); };
  Json meta = {{"limit", limit},
               {"next", end < total ? url_of(end) : Json(nullptr)},
               {"offset", offset},
               {"previous", offset > 0 ? url_of(std::max<int64_t>(0, offset - limit)) : Json(nullptr)},
               {count_name, total}};
  return http::JsonResponse(
      200, Concat(R"({"api_id":")", NewCallUuid(), R"(","meta":)", WriteJson(meta), R"(,"objects":[)", page, "]}"));
}

}  // namespace trunkline::twin::plivo
