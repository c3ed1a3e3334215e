// Which webhook a path is for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trunkline::webhook_ingest {

struct Route {
  std::string provider;
  std::string event;
};

// /telephony/webhook/{provider}/{event}, and the legacy paths of older deployments. Nothing for any other path.
std::optional<Route> FindRoute(std::string_view path);

}  // namespace trunkline::webhook_ingest
