#include "services/gateway/http/openapi.h"

#include <gtest/gtest.h>

#include <set>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "services/gateway/http/route.h"
#include "tests/support/source_path.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/providers/v1/provider_service.pb.h"
#include "trunkline/recordings/v1/recording_service.pb.h"

namespace trunkline::gateway {
namespace {

using Json = nlohmann::json;

void FindReferences(const Json& value, std::set<std::string>* references) {
  if (value.is_object() && value.contains("$ref")) references->insert(value.at("$ref"));
  if (!value.is_structured()) return;
  for (const Json& inner : value) FindReferences(inner, references);
}

TEST(OpenApiTest, TheDocumentInDocsIsUpToDate) {
  EXPECT_TRUE(ReadSourceFile("docs/openapi.json") == OpenApiDocument())
      << "write it again: build/dev/bin/openapi_document > docs/openapi.json";
}

TEST(OpenApiTest, EveryRouteIsInIt) {
  const Json document = ParseJson(OpenApiDocument());
  std::set<std::string> operations;
  size_t count = 0;
  for (const auto& [path, methods] : document.at("paths").items()) {
    count += methods.size();
    for (const auto& [method, operation] : methods.items()) operations.insert(operation.at("operationId"));
  }
  EXPECT_EQ(count, Routes().size());
  EXPECT_EQ(operations.size(), count) << "two operations have the same operationId";
}

TEST(OpenApiTest, EveryMethodOfTheServicesThatHaveRoutesHasOne) {
  std::set<std::string> routed;
  for (const Route& route : Routes()) routed.insert(std::string(route.rpc));
  for (const google::protobuf::FileDescriptor* file :
       {control::v1::GetCallRequest::descriptor()->file(), recordings::v1::GetRecordingRequest::descriptor()->file(),
        providers::v1::ListProvidersRequest::descriptor()->file()}) {
    const google::protobuf::ServiceDescriptor* service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = Concat(service->full_name(), "/", service->method(i)->name());
      EXPECT_TRUE(routed.contains(method)) << method << " has no route: add one, or say in docs/http-api.md why not";
    }
  }
}

TEST(OpenApiTest, AWebSocketTellsWhatGoesOverIt) {
  const Json document = ParseJson(OpenApiDocument());
  const Json& socket = document.at("paths").at("/ws/calls").at("get").at("x-websocket");
  EXPECT_EQ(socket.at("subprotocols").at(0), "trunkline.v1");
  EXPECT_EQ(socket.at("serverMessages").at("oneOf").size(), 3u);
  EXPECT_TRUE(socket.at("closeCodes").contains("4400"));
}

TEST(OpenApiTest, EveryReferenceLeadsSomewhere) {
  const Json document = ParseJson(OpenApiDocument());
  std::set<std::string> references;
  FindReferences(document, &references);
  EXPECT_FALSE(references.empty());
  for (const std::string& reference : references) {
    EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
}

}  // namespace
}  // namespace trunkline::gateway
