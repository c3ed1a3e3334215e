// Writes the OpenAPI document of the gateway's HTTP API, for docs/openapi.json.
#include <iostream>

#include "services/gateway/http/openapi.h"

int main() {
  std::cout << trunkline::gateway::OpenApiDocument();
  return 0;
}
