// The routes of the HTTP/JSON API: the one table that requests are matched with and that the OpenAPI document is made
// of. A route is another name for a method of a gRPC service; the fields of its request come from the path, the query
// and the JSON body.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace trunkline::gateway {

// What a route does with a request.
enum class RouteKind {
  kRpc,       // asks a method of gRPC
  kImport,    // takes a file of contacts, or a piece of one
  kExport,    // sends a file of a campaign
  kMedia,     // sends the sound behind a download link
  kSocket,    // becomes a WebSocket, which carries what the method streams
  kDocument,  // sends the OpenAPI document
};

// An older name of a field, as a parameter of the query.
struct Alias {
  std::string_view name = {};
  std::string_view field = {};  // its JSON name
};

struct Route {
  std::string_view method;  // "GET", "POST", "PATCH", "DELETE"
  std::string_view path;    // "/api/calls/{callId}": segments in braces are fields of the request, by their JSON names
  std::string_view rpc;     // "trunkline.control.v1.CallControlService/GetCall"
  std::string_view summary;
  RouteKind kind = RouteKind::kRpc;
  Alias alias = {};

  bool TakesBody() const { return method == "POST" || method == "PATCH"; }
};

std::span<const Route> Routes();

// The gRPC method of a route; not null for routes of RouteKind::kRpc, kImport, kExport and kSocket.
const google::protobuf::MethodDescriptor* MethodOf(const Route& route);

// The names in braces, in order.
std::vector<std::string_view> ParametersOf(std::string_view path);

// What a request's path and method come to.
struct RouteMatch {
  const Route* route = nullptr;                   // null when there is none
  std::map<std::string, std::string> parameters;  // of the path, decoded
  std::string allowed;  // "GET, HEAD": the methods of the path; empty when there is no such path
};

// `path` as it was sent, nothing decoded. HEAD is answered as GET is.
RouteMatch MatchRoute(std::string_view method, std::string_view path);

}  // namespace trunkline::gateway
