#include "services/webhook-ingest/public_url.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

// A proxy appends to a header that its client may have sent: the last value is the proxy's own.
std::string_view LastValue(std::string_view header) { return Trim(Split(header, ',').back()); }

}  // namespace

PublicUrl::PublicUrl(std::string base, const std::vector<std::string>& trusted_proxies)
    : base_(std::move(base)), trusted_proxies_(trusted_proxies.begin(), trusted_proxies.end()) {}

bool PublicUrl::IsTrusted(const http::Request& request) const {
  return !trusted_proxies_.empty() && trusted_proxies_.contains(request.peer_address);
}

std::string PublicUrl::UrlOf(const http::Request& request) const {
  if (IsTrusted(request)) {
    const std::string_view scheme = LastValue(request.Header("x-forwarded-proto"));
    const std::string_view host = LastValue(request.Header("x-forwarded-host"));
    if ((scheme == "https" || scheme == "http") && !host.empty()) return Concat(scheme, "://", host, request.target);
  }
  return base_ + request.target;
}

std::string PublicUrl::RemoteAddressOf(const http::Request& request) const {
  if (IsTrusted(request)) {
    const std::string_view forwarded = LastValue(request.Header("x-forwarded-for"));
    if (!forwarded.empty() && IsStorableText(forwarded)) return std::string(forwarded);
  }
  return request.peer_address;
}

}  // namespace trunkline::webhook_ingest
