// The URL that a provider asked, which its signature covers, and who asked it.
//
// The base comes from the configuration. Only a peer that is a configured trusted proxy may say otherwise with
// X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-For: anybody else could choose the text that is signed, and the
// address that an account allows.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/message.h"

namespace trunkline::webhook_ingest {

class PublicUrl {
 public:
  // `base` without a slash at its end.
  PublicUrl(std::string base, const std::vector<std::string>& trusted_proxies);

  const std::string& base() const { return base_; }
  // Base and request target.
  std::string UrlOf(const http::Request& request) const;
  // The peer, or, when it is a trusted proxy, the last address that it forwarded for and that is no trusted proxy
  // itself.
  std::string RemoteAddressOf(const http::Request& request) const;

 private:
  bool IsTrusted(std::string_view address) const;

  std::string base_;
  std::set<std::string, std::less<>> trusted_proxies_;
};

}  // namespace trunkline::webhook_ingest
