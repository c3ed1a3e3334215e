// URLs that requests with an account's credentials go to. They come from settings and from what a provider sent, so
// that each is looked at before a secret goes there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trunkline::providers {

// Pieces of a URL, as views into it.
struct UrlParts {
  std::string_view scheme;
  std::string_view host;    // without port; an IPv6 address in its brackets
  std::string_view origin;  // scheme, host and port
  std::string_view path;    // with query
};

// Nothing for what is no URL, for one with a user name (which belongs in the credentials, where no log shows it), and
// for one with characters that clients read differently: white space, backslashes, anything beyond ASCII.
std::optional<UrlParts> ReadUrl(std::string_view url);

// The machine itself: localhost, 127.0.0.0/8, ::1 with or without brackets.
bool IsLoopbackHost(std::string_view host);

// Whether the text can be the base of an API: https, or http to the machine itself; without query and fragment.
bool IsApiUrl(std::string_view text);

// Scheme, host and port of a base that IsApiUrl takes; the text itself otherwise.
std::string OriginOf(std::string_view url);

}  // namespace trunkline::providers
