#include "tools/provider-twin/twin.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::twin {
namespace {

constexpr std::string_view kControl = "/twin/";

}  // namespace

Twin::Twin(World& world, std::vector<std::unique_ptr<Provider>> providers)
    : world_(world), providers_(std::move(providers)) {}

void Twin::Handle(http::Request request, http::Responder respond) {
  if (request.Path() == "/healthz") {
    respond.Send({.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = "ok\n"});
    return;
  }
  // Shared, because a task must be copyable.
  auto exchange = std::make_shared<std::pair<http::Request, http::Responder>>(std::move(request), std::move(respond));
  world_.scheduler.Soon([this, exchange] { Serve(exchange->first, std::move(exchange->second)); });
}

void Twin::Serve(const http::Request& request, http::Responder respond) {
  const std::string_view path = request.Path();
  if (path.starts_with(kControl)) {
    respond.Send(Control(request));
    return;
  }
  for (const auto& provider : providers_) {
    if (!provider->OwnsPath(path)) continue;
    provider->Serve(request, std::move(respond));
    return;
  }
  respond.Send(http::ErrorResponse(404, "NOT_FOUND", "no provider has this path; see tools/provider-twin/README.md"));
}

http::Response Twin::Control(const http::Request& request) {
  const std::string_view path = request.Path();
  if (path == "/twin/config") return Configure(request);
  if (path == "/twin/reset" && request.method == "POST") {
    world_.chance.Reseed(world_.settings.seed);
    for (const auto& provider : providers_) provider->Reset();
    return {.status = 204};
  }
  for (const auto& provider : providers_) {
    const std::string prefix = Concat(kControl, provider->name(), "/");
    if (path.starts_with(prefix)) return provider->Control(path.substr(prefix.size() - 1), request);
  }
  return http::ErrorResponse(404, "NOT_FOUND", Concat("no ", request.method, " ", path));
}

http::Response Twin::Configure(const http::Request& request) {
  if (request.method == "PUT") {
    const auto changed = ChangeSettings(world_.settings, request.body);
    if (!changed.ok()) return http::ErrorResponse(400, "BAD_REQUEST", ToStd(changed.status().message()));
    world_.settings = *changed;
    // The randomness starts again, so that what follows a change can be repeated.
    world_.chance.Reseed(world_.settings.seed);
  } else if (request.method != "GET") {
    return http::ErrorResponse(405, "METHOD_NOT_ALLOWED", "GET or PUT");
  }
  return http::JsonResponse(200, RenderSettings(world_.settings));
}

}  // namespace trunkline::twin
