#include "libs/http/admin_server.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::http {
namespace {

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

Response Text(int status, std::string_view content_type, std::string body) {
  return {.status = status, .headers = {{"Content-Type", std::string(content_type)}}, .body = std::move(body)};
}

Response AnswerOf(const AdminOptions& options, const Request& request) {
  const std::string_view path = request.Path();
  const bool is_known = path == "/metrics" || path == "/healthz" || path == "/readyz";
  if (!is_known) return ErrorResponse(404, "NOT_FOUND", "there are /metrics, /healthz and /readyz");
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = ErrorResponse(405, "METHOD_NOT_ALLOWED", "only GET and HEAD are allowed here");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (path == "/metrics") {
    return Text(200, "text/plain; version=0.0.4; charset=utf-8", options.metrics ? options.metrics() : std::string());
  }
  if (path == "/healthz") return Text(200, kPlainText, "ok\n");
  const absl::Status readiness = options.readiness ? options.readiness() : absl::OkStatus();
  if (readiness.ok()) return Text(200, kPlainText, "ready\n");
  return Text(503, kPlainText, Concat("not ready: ", ToStd(readiness.message()), "\n"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> StartAdminServer(AdminOptions options) {
  ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.max_connections = 100;
  return Server::Start(std::move(server_options),
                       [options = std::move(options)](const Request& request, Responder respond) {
                         respond.Send(AnswerOf(options, request));
                       });
}

}  // namespace trunkline::http
