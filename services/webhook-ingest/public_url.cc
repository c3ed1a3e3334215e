#include "services/webhook-ingest/public_url.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

// The values of a header in their order, over all lines that have its name.
std::vector<std::string_view> ValuesOf(const http::Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, line] : request.headers) {
    if (!EqualsIgnoreCase(key, name)) continue;
    for (const std::string_view value : Split(line, ',')) values.push_back(Trim(value));
  }
  return values;
}

// A proxy appends to a header that its client may have sent: the last value is the proxy's own.
std::string_view LastValue(const http::Request& request, std::string_view name) {
  const std::vector<std::string_view> values = ValuesOf(request, name);
  return values.empty() ? std::string_view() : values.back();
}

}  // namespace

PublicUrl::PublicUrl(std::string base, const std::vector<std::string>& trusted_proxies)
    : base_(std::move(base)), trusted_proxies_(trusted_proxies.begin(), trusted_proxies.end()) {}

bool PublicUrl::IsTrusted(std::string_view address) const {
  return !trusted_proxies_.empty() && trusted_proxies_.contains(address);
}

std::string PublicUrl::UrlOf(const http::Request& request) const {
  if (IsTrusted(request.peer_address)) {
    const std::string_view scheme = LastValue(request, "x-forwarded-proto");
    const std::string_view host = LastValue(request, "x-forwarded-host");
    if ((scheme == "https" || scheme == "http") && !host.empty()) return Concat(scheme, "://", host, request.target);
  }
  return base_ + request.target;
}

std::string PublicUrl::RemoteAddressOf(const http::Request& request) const {
  std::string_view address = request.peer_address;
  if (IsTrusted(address)) {
    // Each proxy appends who asked it: from the end, the first that is not ours is the first that may have lied.
    const std::vector<std::string_view> forwarded = ValuesOf(request, "x-forwarded-for");
    for (auto value = forwarded.rbegin(); value != forwarded.rend() && IsTrusted(address); ++value) {
      if (value->empty() || !IsStorableText(*value)) break;
      address = *value;
    }
  }
  return std::string(address);
}

}  // namespace trunkline::webhook_ingest
