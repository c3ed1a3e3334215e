#include "libs/base/page_token.h"

#include <optional>
#include <vector>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::string_view kTextVersion = "t1";

std::string DigestOf(std::string_view list) { return HexEncode(Sha256(list)).substr(0, 16); }

absl::Status WrongToken() {
  return Error(absl::StatusCode::kInvalidArgument, Reason::REASON_INVALID_PAGE_TOKEN,
               "page_token is none that was given for this list with these filters; begin again without one");
}

}  // namespace

std::string MakePageToken(std::string_view list, const PagePosition& position) {
  return Base64Encode(Concat(kVersion, " ", DigestOf(list), " ", absl::ToUnixMicros(position.time), " ", position.id));
}

absl::StatusOr<PagePosition> ReadPageToken(std::string_view list, std::string_view token) {
  const std::string text = Base64Decode(token).value_or("");
  const std::vector<std::string_view> parts = Split(text, ' ');
  const std::optional<int64_t> micros = parts.size() == 4 ? ParseInt(parts[2]) : std::nullopt;
  if (!micros.has_value() || parts[0] != kVersion || parts[1] != DigestOf(list) || !IsUuid(parts[3])) {
    return WrongToken();
  }
  return PagePosition{.time = absl::FromUnixMicros(*micros), .id = std::string(parts[3])};
}

std::string MakeTextPageToken(std::string_view list, std::string_view last) {
  return Base64Encode(Concat(kTextVersion, " ", DigestOf(list), " ", last));
}

absl::StatusOr<std::string> ReadTextPageToken(std::string_view list, std::string_view token) {
  const std::string text = Base64Decode(token).value_or("");
  const std::string begin = Concat(kTextVersion, " ", DigestOf(list), " ");
  if (!text.starts_with(begin) || !IsStorableText(text)) return WrongToken();
  return text.substr(begin.size());
}

}  // namespace trunkline
