// The OpenAPI 3.1 document of the HTTP API, made of the table of routes and of the contracts.
#pragma once

#include <string>

namespace trunkline::gateway {

std::string OpenApiDocument();

}  // namespace trunkline::gateway
