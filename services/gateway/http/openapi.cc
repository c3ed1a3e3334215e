#include "services/gateway/http/openapi.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "libs/base/text.h"
#include "services/gateway/http/call_sockets.h"
#include "services/gateway/http/message_schema.h"
#include "services/gateway/http/route.h"
#include "trunkline/campaigns/v1/contact_service.pb.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using OrderedJson = nlohmann::ordered_json;

constexpr char kAbout[] =
    "Call control over any telephony provider. The operations are those of Trunkline's gRPC services, and "
    "docs/reference.md tells what each field means.";
constexpr char kErrorReference[] = "#/components/responses/Error";

OrderedJson Text() { return {{"type", "string"}}; }

OrderedJson ErrorSchema() {
  return {{"type", "object"},
          {"properties",
           {{"error",
             {{"type", "object"},
              {"properties",
               {{"code", Text()},
                {"status", {{"type", "integer"}}},
                {"reason", Text()},
                {"message", Text()},
                {"details", {{"type", "array"}, {"items", {{"type", "object"}, {"required", {"@type"}}}}}}}},
              {"required", {"code", "message"}},
              {"additionalProperties", false}}}}},
          {"required", {"error"}},
          {"additionalProperties", false}};
}

OrderedJson JsonContent(OrderedJson schema) { return {{"application/json", {{"schema", std::move(schema)}}}}; }

OrderedJson Parameter(std::string_view name, std::string_view in, OrderedJson schema) {
  return {{"name", name}, {"in", in}, {"required", in == "path"}, {"schema", std::move(schema)}};
}

OrderedJson SocketMessage(const char* type, const OrderedJson& more = OrderedJson::object()) {
  OrderedJson properties = {{"type", {{"const", type}}}};
  properties.update(more);
  OrderedJson required = OrderedJson::array();
  for (const auto& [name, schema] : properties.items()) {
    if (name != "call") required.push_back(name);
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

// What goes over a WebSocket, which OpenAPI itself has no words for.
OrderedJson SocketMessages(MessageSchemas& schemas) {
  const Descriptor& event = *events::v1::CallEvent::descriptor();
  const Descriptor& call = *control::v1::Call::descriptor();
  schemas.Add("SocketStarted", SocketMessage("started", {{"startedAt", {{"type", "string"}, {"format", "date-time"}}},
                                                         {"call", schemas.ReferenceTo(call)}}));
  schemas.Add("SocketEvent", SocketMessage("event", {{"event", schemas.ReferenceTo(event)}}));
  schemas.Add("SocketPong", SocketMessage("pong"));
  schemas.Add("SocketPing", SocketMessage("ping"));
  const auto reference = [](const char* name) { return OrderedJson{{"$ref", Concat("#/components/schemas/", name)}}; };
  return {
      {"subprotocols", {kSocketProtocol}},
      {"serverMessages", {{"oneOf", {reference("SocketStarted"), reference("SocketEvent"), reference("SocketPong")}}}},
      {"clientMessages", reference("SocketPing")},
      {"closeCodes",
       {{"1001", "SHUTTING_DOWN: connect again"},
        {"1003", "a binary message"},
        {"1009", "a message of more than 4 KiB"},
        {"1011", "INTERNAL"},
        {"1013", "WATCHER_TOO_SLOW: connect again, and read what was missed"},
        {Concat(uint16_t{kInvalidMessage}), "INVALID_MESSAGE: no message that a client may send"},
        {Concat(uint16_t{kUnauthenticated}), "UNAUTHENTICATED: the key was revoked"}}}};
}

std::string NameOf(const Route& route) {
  std::string name;
  bool upper = false;
  for (const char c : Concat(Lower(route.method), route.path)) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter) name.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    upper = !is_letter;
  }
  return name;
}

// What a request may say besides its path and its body.
void AddParameters(const Route& route, const Descriptor& request, MessageSchemas& schemas, OrderedJson* parameters) {
  const std::vector<std::string_view> in_path = ParametersOf(route.path);
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    if ((route.TakesBody() && route.kind == RouteKind::kRpc) ||
        std::find(in_path.begin(), in_path.end(), field.json_name()) != in_path.end()) {
      continue;
    }
    // Whose path names the one call.
    if (route.kind == RouteKind::kSocket && !in_path.empty() && field.json_name() == "callIds") continue;
    const std::string_view name = field.json_name() == route.alias.field ? route.alias.name : field.json_name();
    parameters->push_back(Parameter(name, "query", schemas.Of(field)));
  }
  if (request.FindFieldByName("request_id") != nullptr) {
    parameters->push_back(Parameter("Idempotency-Key", "header", {{"type", "string"}, {"format", "uuid"}}));
  }
}

OrderedJson Operation(const Route& route, MessageSchemas& schemas) {
  OrderedJson operation = {{"operationId", NameOf(route)}, {"summary", route.summary}};
  OrderedJson parameters = OrderedJson::array();
  for (const std::string_view name : ParametersOf(route.path)) parameters.push_back(Parameter(name, "path", Text()));
  OrderedJson answer;
  int status = 200;
  switch (route.kind) {
    case RouteKind::kRpc: {
      const google::protobuf::MethodDescriptor& method = *MethodOf(route);
      operation["description"] = Concat("gRPC: ", method.full_name());
      AddParameters(route, *method.input_type(), schemas, &parameters);
      if (route.TakesBody()) {
        operation["requestBody"] = {{"content", JsonContent(schemas.ReferenceTo(*method.input_type()))}};
      }
      answer = {{"description", "Done."}, {"content", JsonContent(schemas.ReferenceTo(*method.output_type()))}};
      break;
    }
    case RouteKind::kImport: {
      const google::protobuf::MethodDescriptor& method = *MethodOf(route);
      operation["description"] = Concat("gRPC: ", method.full_name(),
                                        ". A larger file comes in pieces: each but the last "
                                        "with more=true, and each where nextOffset of the answer before says.");
      AddParameters(route, *campaigns::v1::ImportHead::descriptor(), schemas, &parameters);
      parameters.push_back(Parameter("more", "query", {{"type", "boolean"}}));
      parameters.push_back(Parameter("Idempotency-Key", "header", {{"type", "string"}, {"format", "uuid"}}));
      operation["requestBody"] = {
          {"content", {{"text/csv", OrderedJson::object()}, {"application/x-ndjson", OrderedJson::object()}}}};
      answer = {{"description", "Taken."}, {"content", JsonContent(schemas.ReferenceTo(*method.output_type()))}};
      break;
    }
    case RouteKind::kExport: {
      const google::protobuf::MethodDescriptor& method = *MethodOf(route);
      operation["description"] = Concat("gRPC: ", method.full_name());
      AddParameters(route, *method.input_type(), schemas, &parameters);
      answer = {{"description", "The file."},
                {"content", {{"text/csv", OrderedJson::object()}, {"application/x-ndjson", OrderedJson::object()}}}};
      break;
    }
    case RouteKind::kSocket: {
      const google::protobuf::MethodDescriptor& method = *MethodOf(route);
      operation["description"] = Concat(
          "gRPC: ", method.full_name(),
          ". Answered with 426 unless it asks for a WebSocket. The key comes as for every path, or, from a page, as "
          "the subprotocol bearer.KEY beside ",
          kSocketProtocol, ".");
      AddParameters(route, *method.input_type(), schemas, &parameters);
      parameters.push_back(Parameter("Sec-WebSocket-Protocol", "header", Text()));
      operation["x-websocket"] = SocketMessages(schemas);
      status = 101;
      answer = {{"description", "The WebSocket is open; x-websocket tells what goes over it."}};
      break;
    }
    case RouteKind::kMedia:
      for (const char* name : {"business", "expires", "signature"}) {
        OrderedJson parameter = Parameter(name, "query", Text());
        parameter["required"] = true;
        parameters.push_back(std::move(parameter));
      }
      parameters.push_back(Parameter("Range", "header", Text()));
      answer = {{"description", "The sound."}, {"content", {{"audio/*", OrderedJson::object()}}}};
      operation["responses"]["206"] = {{"description", "The range that was asked for."},
                                       {"content", {{"audio/*", OrderedJson::object()}}}};
      break;
    case RouteKind::kDocument:
      answer = {{"description", "The document."}, {"content", JsonContent({{"type", "object"}})}};
      break;
  }
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  operation["responses"][Concat(status)] = std::move(answer);
  operation["responses"]["default"] = {{"$ref", kErrorReference}};
  // A link carries its own proof, and the document is no secret.
  if (route.kind == RouteKind::kMedia || route.kind == RouteKind::kDocument)
    operation["security"] = OrderedJson::array();
  return operation;
}

}  // namespace

std::string OpenApiDocument() {
  MessageSchemas schemas;
  OrderedJson paths = OrderedJson::object();
  for (const Route& route : Routes()) paths[std::string(route.path)][Lower(route.method)] = Operation(route, schemas);
  OrderedJson all = schemas.all();
  all["Error"] = ErrorSchema();
  const OrderedJson document = {{"openapi", "3.1.0"},
                                {"info", {{"title", "Trunkline"}, {"version", "1"}, {"description", kAbout}}},
                                {"security", OrderedJson::array({{{"apiKey", OrderedJson::array()}}})},
                                {"paths", std::move(paths)},
                                {"components",
                                 {{"securitySchemes", {{"apiKey", {{"type", "http"}, {"scheme", "bearer"}}}}},
                                  {"responses",
                                   {{"Error",
                                     {{"description", "Why it was not done."},
                                      {"content", JsonContent({{"$ref", "#/components/schemas/Error"}})}}}}},
                                  {"schemas", std::move(all)}}}};
  return document.dump(2) + "\n";
}

}  // namespace trunkline::gateway
