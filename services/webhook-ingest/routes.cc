#include "services/webhook-ingest/routes.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

constexpr std::string_view kUnified = "/telephony/webhook/";

struct LegacyRoute {
  std::string_view path;
  std::string_view provider;
  std::string_view event;
};

// Paths that providers were given by the systems before Trunkline, and that customers cannot all change.
constexpr std::array kLegacyRoutes = {
    // Of a flow's applets; the last one of the flow.
    LegacyRoute{"/exotel/call-back", "exotel", "passthru"},
    LegacyRoute{"/exotel/call-back-after-end", "exotel", "end"},
    // Plivo.
    LegacyRoute{"/plivo/ring-url", "plivo", "ring"},
    LegacyRoute{"/plivo/hangup-url", "plivo", "hangup"},
    // SIP exchanges.
    LegacyRoute{"/sip-webhook", "sip", "events"},
    // Twilio.
    LegacyRoute{"/twilio-webhook", "twilio", "status"},
    LegacyRoute{"/api/twilio/voice", "twilio", "voice"},
    LegacyRoute{"/api/twilio/status", "twilio", "status"},
    LegacyRoute{"/api/twilio/recording", "twilio", "recording"},
};

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

std::optional<Route> FindRoute(std::string_view path) {
  if (path.starts_with(kUnified)) {
    const auto parts = Split(path.substr(kUnified.size()), '/');
    if (parts.size() != 2 || !IsName(parts[0]) || !IsName(parts[1])) return std::nullopt;
    return Route{std::string(parts[0]), std::string(parts[1])};
  }
  for (const LegacyRoute& route : kLegacyRoutes) {
    if (route.path == path) return Route{std::string(route.provider), std::string(route.event)};
  }
  return std::nullopt;
}

}  // namespace trunkline::webhook_ingest
