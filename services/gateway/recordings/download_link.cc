#include "services/gateway/recordings/download_link.h"

#include <optional>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

// Keeps these signatures apart from whatever else the key may sign one day.
constexpr std::string_view kPurpose = "trunkline recording download 1";

absl::Status InvalidLink(std::string_view why) {
  return Error(absl::StatusCode::kPermissionDenied, Reason::REASON_INVALID_LINK,
               Concat(why, "; ask for another with CreateDownloadLink"));
}

// The one value of a name; a name that comes twice has none.
std::optional<std::string> OnlyValueOf(const Form& form, std::string_view name) {
  std::optional<std::string> value;
  for (const auto& [key, text] : form) {
    if (key != name) continue;
    if (value.has_value()) return std::nullopt;
    value = text;
  }
  return value;
}

}  // namespace

std::string MediaPathOf(std::string_view recording_id) { return Concat("/api/recordings/", recording_id, "/media"); }

DownloadLinks::DownloadLinks(std::string key, std::string base_url)
    : key_(std::move(key)), base_url_(std::move(base_url)) {}

std::string DownloadLinks::SignatureOf(const DownloadLink& link) const {
  return HexEncode(HmacSha256(key_, Concat(kPurpose, '\n', link.recording_id, '\n', link.business_id, '\n',
                                           absl::ToUnixSeconds(link.expires_at))));
}

std::string DownloadLinks::UrlOf(const DownloadLink& link) const {
  return Concat(base_url_, MediaPathOf(link.recording_id), "?business=", link.business_id,
                "&expires=", absl::ToUnixSeconds(link.expires_at), "&signature=", SignatureOf(link));
}

absl::StatusOr<DownloadLink> DownloadLinks::Read(std::string_view recording_id, std::string_view query,
                                                 absl::Time now) const {
  const Form form = ParseForm(query);
  const std::optional<std::string> business = OnlyValueOf(form, "business");
  const std::optional<std::string> expires = OnlyValueOf(form, "expires");
  const std::optional<std::string> signature = OnlyValueOf(form, "signature");
  const std::optional<int64_t> seconds = expires.has_value() ? ParseInt(*expires) : std::nullopt;
  if (!IsUuid(recording_id) || !business.has_value() || !IsUuid(*business) || !seconds.has_value() ||
      !signature.has_value()) {
    return InvalidLink("this is no link to a recording");
  }
  DownloadLink link = {.recording_id = std::string(recording_id),
                       .business_id = *business,
                       .expires_at = absl::FromUnixSeconds(*seconds)};
  if (!EqualsInConstantTime(SignatureOf(link), *signature)) return InvalidLink("the link was not made here");
  if (now >= link.expires_at) return InvalidLink("the link is over");
  return link;
}

}  // namespace trunkline::gateway
