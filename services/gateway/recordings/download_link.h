// Links to the sound of a recording that need no API key: they name recording, business and end, and carry an
// HMAC-SHA256 over all three. Nothing is stored, so that any replica with the same key takes them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline::gateway {

// What a link allows.
struct DownloadLink {
  std::string recording_id;
  std::string business_id;
  absl::Time expires_at;  // whole seconds
};

class DownloadLinks {
 public:
  // `base_url` is the gateway's HTTP port as clients reach it, without a slash at its end.
  DownloadLinks(std::string key, std::string base_url);

  std::string UrlOf(const DownloadLink& link) const;
  // Of the query of a link's URL. PERMISSION_DENIED INVALID_LINK for one that was not made with the key, or is over.
  absl::StatusOr<DownloadLink> Read(std::string_view recording_id, std::string_view query, absl::Time now) const;

 private:
  std::string SignatureOf(const DownloadLink& link) const;

  const std::string key_;
  const std::string base_url_;
};

// The path of a recording's sound under the base URL.
std::string MediaPathOf(std::string_view recording_id);

}  // namespace trunkline::gateway
