#include "services/gateway/http/http_api.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/media_type.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/rpc/method.h"
#include "services/gateway/http/error_body.h"
#include "services/gateway/http/media_reply.h"
#include "services/gateway/http/openapi.h"
#include "services/gateway/http/transcoding.h"

namespace trunkline::gateway {
namespace {

constexpr std::string_view kAllowedHeaders = "Authorization, Content-Type, Idempotency-Key";
constexpr std::string_view kExposedHeaders = "Retry-After";

http::Response NotFound() {
  return http::ErrorResponse(404, "NOT_FOUND", "there is no such path; GET /openapi.json tells all of them");
}

http::Response WrongMethod(const std::string& allowed) {
  http::Response response =
      http::ErrorResponse(405, "METHOD_NOT_ALLOWED", Concat("this path allows ", allowed, " only"));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

// Of a browser that asks whether it may ask.
http::Response Preflight(const std::string& allowed) {
  return {.status = 204,
          .headers = {{"Access-Control-Allow-Methods", allowed},
                      {"Access-Control-Allow-Headers", std::string(kAllowedHeaders)},
                      {"Access-Control-Max-Age", "600"}}};
}

absl::Status TooBusy(std::string_view what) {
  return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                              Concat("too many ", what, " are under way at this moment; try again")),
                        absl::Seconds(1));
}

// Pages cannot set headers of a WebSocket's request, but subprotocols; a key in the URL would come into logs.
constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kBearerProtocol = "bearer.";

std::string KeyOf(const http::Request& request, const std::vector<std::string>& offered) {
  const std::string_view header = request.Header("authorization");
  if (EqualsIgnoreCase(header.substr(0, kBearer.size()), kBearer)) {
    return std::string(Trim(header.substr(kBearer.size())));
  }
  for (const std::string& protocol : offered) {
    if (protocol.starts_with(kBearerProtocol)) return protocol.substr(kBearerProtocol.size());
  }
  return {};
}

// Nothing when a client may have a WebSocket.
std::optional<http::Response> SocketRefusal(const http::Request& request, const std::vector<std::string>& offered,
                                            bool origin_allowed) {
  if (std::optional<http::Response> fault = http::HandshakeFault(request); fault.has_value()) return fault;
  // Browsers ask nobody before they open a WebSocket, but tell whose page it is.
  if (!request.Header("origin").empty() && !origin_allowed) {
    return http::ErrorResponse(403, "ORIGIN_NOT_ALLOWED", "pages of this origin may not use the API: see cors-origins");
  }
  if (!offered.empty() && std::find(offered.begin(), offered.end(), kSocketProtocol) == offered.end()) {
    return http::ErrorResponse(400, "BAD_HANDSHAKE", Concat("the subprotocol spoken here is ", kSocketProtocol));
  }
  return std::nullopt;
}

// What a route with a path of one call adds to the parameters of the query.
absl::Status AddCallOfPath(const RouteMatch& match, control::v1::WatchCallsRequest* watch) {
  const auto of_path = match.parameters.find("callId");
  if (of_path == match.parameters.end()) return absl::OkStatus();
  if (watch->call_ids_size() > 0) {
    return InvalidFields({{.field = "callIds", .description = "must be empty: the path names the call"}});
  }
  watch->add_call_ids(of_path->second);
  return absl::OkStatus();
}

http::Response Fresh(http::Response response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

// Whoever answers, the page's browser must be told that it may read the answer.
class HttpApi::Answer {
 public:
  Answer(http::Responder respond, std::string origin) : respond_(std::move(respond)), origin_(std::move(origin)) {}

  void Send(http::Response response) { respond_.Send(Told(std::move(response))); }
  std::unique_ptr<http::BodyStream> Stream(http::Response head, std::optional<uint64_t> bytes) {
    return respond_.Stream(Told(std::move(head)), bytes);
  }
  void Send(const absl::Status& status) { Send(Fresh(ErrorResponseOf(status))); }
  void Upgrade(std::shared_ptr<http::WebSocket> socket, std::string_view subprotocol) {
    respond_.Upgrade(std::move(socket), subprotocol);
  }

 private:
  http::Response Told(http::Response response) const {
    if (origin_.empty()) return response;
    response.headers.emplace_back("Access-Control-Allow-Origin", origin_);
    response.headers.emplace_back("Access-Control-Expose-Headers", std::string(kExposedHeaders));
    response.headers.emplace_back("Vary", "Origin");
    return response;
  }

  http::Responder respond_;
  const std::string origin_;
};

HttpApi::HttpApi(Parts parts) : parts_(std::move(parts)), document_(OpenApiDocument()) {}

std::string HttpApi::AllowedOriginOf(const http::Request& request) const {
  const std::string origin(request.Header("origin"));
  return parts_.origins.contains(origin) ? origin : std::string();
}

void HttpApi::Handle(http::Request request, http::Responder respond) {
  const auto answer = std::make_shared<Answer>(std::move(respond), AllowedOriginOf(request));
  const RouteMatch match = MatchRoute(request.method, request.Path());
  if (match.allowed.empty()) return answer->Send(NotFound());
  if (request.method == "OPTIONS" && !AllowedOriginOf(request).empty() &&
      !request.Header("access-control-request-method").empty()) {
    return answer->Send(Preflight(match.allowed));
  }
  if (match.route == nullptr) return answer->Send(WrongMethod(match.allowed));
  switch (match.route->kind) {
    case RouteKind::kRpc:
      return AskMethod(request, match, answer);
    case RouteKind::kImport:
      return ImportContacts(std::move(request), match, answer);
    case RouteKind::kExport:
      return ExportCampaign(request, match, answer);
    case RouteKind::kMedia:
      return SendMedia(request, match, answer);
    case RouteKind::kSocket:
      return OpenSocket(request, match, answer);
    case RouteKind::kDocument:
      return answer->Send(http::JsonResponse(200, document_));
  }
}

void HttpApi::AskMethod(const http::Request& request, const RouteMatch& match, const std::shared_ptr<Answer>& answer) {
  const Route& route = *match.route;
  if (!request.body.empty() && !route.TakesBody()) {
    return answer->Send(InvalidFields({{.field = "body", .description = "must be empty: this method takes none"}}));
  }
  if (!request.body.empty() && !IsJson(request.Header("content-type"))) {
    return answer->Send(
        http::ErrorResponse(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json, and say so"));
  }
  absl::StatusOr<std::string> message = RequestOf(route, {.path_parameters = match.parameters,
                                                          .query = request.Query(),
                                                          .body = request.body,
                                                          .idempotency_key = request.Header("idempotency-key")});
  if (!message.ok()) return answer->Send(message.status());
  parts_.ask({.method = std::string(route.rpc),
              .authorization = std::string(request.Header("authorization")),
              .traceparent = std::string(request.Header("traceparent")),
              .request = *std::move(message)},
             [&route, answer](const absl::StatusOr<std::string>& response) {
               if (!response.ok()) return answer->Send(rpc::ForClient(route.rpc, response.status()));
               absl::StatusOr<std::string> json = JsonOf(route, *response);
               if (!json.ok()) return answer->Send(rpc::ForClient(route.rpc, json.status()));
               answer->Send(Fresh(http::JsonResponse(200, *std::move(json))));
             });
}

void HttpApi::ImportContacts(http::Request request, const RouteMatch& match, const std::shared_ptr<Answer>& answer) {
  absl::StatusOr<ImportQuestion> question = ImportQuestionOf(request, match.parameters.at("campaignId"));
  if (!question.ok()) return answer->Send(question.status());
  const FileCaller caller{std::string(request.Header("authorization")), std::string(request.Header("traceparent"))};
  const bool added = parts_.moving_files.Add(
      [this, answer, caller, route = match.route, question = *std::move(question), body = std::move(request.body)] {
        const auto response = parts_.campaign_files.Import(caller, question.head, body, question.more);
        if (!response.ok()) return answer->Send(response.status());
        absl::StatusOr<std::string> json = JsonOf(*route, response->SerializeAsString());
        if (!json.ok()) return answer->Send(rpc::ForClient(route->rpc, json.status()));
        answer->Send(Fresh(http::JsonResponse(200, *std::move(json))));
      });
  if (!added) answer->Send(TooBusy("imports"));
}

void HttpApi::ExportCampaign(const http::Request& request, const RouteMatch& match,
                             const std::shared_ptr<Answer>& answer) {
  const absl::StatusOr<std::string> message = RequestOf(
      *match.route, {.path_parameters = match.parameters, .query = request.Query(), .body = {}, .idempotency_key = {}});
  campaigns::v1::ExportCampaignRequest wanted;
  if (!message.ok()) return answer->Send(message.status());
  if (!wanted.ParseFromString(*message)) return answer->Send(absl::InternalError("a request cannot be read"));
  const FileCaller caller{std::string(request.Header("authorization")), std::string(request.Header("traceparent"))};
  const bool added = parts_.moving_files.Add([this, answer, caller, route = match.route, wanted = std::move(wanted)] {
    absl::StatusOr<std::string> file = parts_.campaign_files.Export(caller, wanted);
    if (!file.ok()) return answer->Send(rpc::ForClient(route->rpc, file.status()));
    answer->Send(Fresh(ExportReply(wanted, *std::move(file))));
  });
  if (!added) answer->Send(TooBusy("exports"));
}

void HttpApi::OpenSocket(const http::Request& request, const RouteMatch& match, const std::shared_ptr<Answer>& answer) {
  const std::vector<std::string> offered = http::OfferedSubprotocols(request);
  if (auto refusal = SocketRefusal(request, offered, !AllowedOriginOf(request).empty()); refusal.has_value()) {
    return answer->Send(*std::move(refusal));
  }
  const absl::StatusOr<std::string> message = RequestOf(
      *match.route, {.path_parameters = {}, .query = request.Query(), .body = request.body, .idempotency_key = {}});
  if (!message.ok()) return answer->Send(message.status());
  CallSockets::Question question{.key = KeyOf(request, offered),
                                 .traceparent = std::string(request.Header("traceparent"))};
  question.watch.ParseFromString(*message);
  if (const absl::Status added = AddCallOfPath(match, &question.watch); !added.ok()) return answer->Send(added);
  parts_.watch(std::move(question), [answer, subprotocol = offered.empty() ? std::string_view() : kSocketProtocol](
                                        absl::StatusOr<std::shared_ptr<http::WebSocket>> socket) {
    if (!socket.ok()) return answer->Send(socket.status());
    answer->Upgrade(*std::move(socket), subprotocol);
  });
}

void HttpApi::SendMedia(const http::Request& request, const RouteMatch& match, const std::shared_ptr<Answer>& answer) {
  // A copy, since the work may outlive this object.
  const bool added = parts_.fetching.Add(
      [fetch = parts_.fetch, answer, id = match.parameters.at("recordingId"), query = std::string(request.Query()),
       range = OneRange(request.Header("range")), traceparent = std::string(request.Header("traceparent"))] {
        const TraceScope trace(ChildOf(ParseTraceparent(traceparent)));
        MediaReply reply(
            {.send = [&answer](http::Response response) { answer->Send(std::move(response)); },
             .stream = [&answer](http::Response head,
                                 std::optional<uint64_t> bytes) { return answer->Stream(std::move(head), bytes); }},
            id, range);
        const absl::Status fetched = fetch(id, query, range, reply);
        if (reply.End(fetched)) return;
        const bool is_odd = fetched.ok() || fetched.code() == absl::StatusCode::kCancelled;
        answer->Send(is_odd ? Error(absl::StatusCode::kUnavailable, Reason::REASON_PROVIDER_UNAVAILABLE,
                                    "the provider sent something else than the recording")
                            : rpc::ForClient("recording media", fetched));
      });
  if (!added) answer->Send(TooBusy("recordings"));
}

}  // namespace trunkline::gateway
