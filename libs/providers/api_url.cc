#include "libs/providers/api_url.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::providers {

std::optional<UrlParts> ReadUrl(std::string_view url) {
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
  const size_t scheme_end = url.find("://");
  if (!plain || scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    const size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host_end = bracket + 1;
  }
  const UrlParts parts{.scheme = url.substr(0, scheme_end),
                       .host = authority.substr(0, host_end),
                       .origin = url.substr(0, scheme_end + 3 + authority.size()),
                       .path = rest.substr(authority.size())};
  const std::string_view port = authority.substr(parts.host.size());
  const bool port_is_right = port.empty() || (port.front() == ':' && AreDigits(port.substr(1)));
  if (parts.host.empty() || !port_is_right || authority.find('@') != std::string_view::npos) return std::nullopt;
  return parts;
}

bool IsLoopbackHost(std::string_view host) {
  if (host == "localhost" || host == "[::1]" || host == "::1") return true;
  const auto numbers = Split(host, '.');
  return numbers.size() == 4 && numbers[0] == "127" &&
         std::all_of(numbers.begin(), numbers.end(),
                     [](std::string_view number) { return number.size() <= 3 && AreDigits(number); });
}

bool IsApiUrl(std::string_view text) {
  const std::optional<UrlParts> url = ReadUrl(text);
  if (!url.has_value() || text.find_first_of("?#") != std::string_view::npos) return false;
  return url->scheme == "https" || (url->scheme == "http" && IsLoopbackHost(url->host));
}

std::string OriginOf(std::string_view url) {
  const std::optional<UrlParts> parts = ReadUrl(url);
  return std::string(parts.has_value() ? parts->origin : url);
}

}  // namespace trunkline::providers
