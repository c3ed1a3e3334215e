// Whatever a client sends in path, query and body becomes a request or an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "services/gateway/http/error_body.h"
#include "services/gateway/http/transcoding.h"

// The first line is "METHOD TARGET", the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trunkline::gateway;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view line = input.substr(0, input.find('\n'));
  const std::string_view body = line.size() < input.size() ? input.substr(line.size() + 1) : std::string_view();
  const std::string_view method = line.substr(0, line.find(' '));
  const std::string_view target = method.size() < line.size() ? line.substr(method.size() + 1) : std::string_view();
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  const RouteMatch match = MatchRoute(method, path);
  if (match.route == nullptr || match.route->kind != RouteKind::kRpc) return 0;
  const auto request = RequestOf(*match.route, {.path_parameters = match.parameters,
                                                .query = query,
                                                .body = body,
                                                .idempotency_key = "0190b2c3-0000-7000-8000-000000000001"});
  if (!request.ok()) static_cast<void>(ErrorResponseOf(request.status()));
  return 0;
}
