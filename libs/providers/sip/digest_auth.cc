#include "libs/providers/sip/digest_auth.h"

#include <map>
#include <optional>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/providers/sip/ami/md5.h"

namespace trunkline::providers::sip {
namespace {

constexpr std::string_view kScheme = "digest ";
constexpr std::string_view kRealm = "trunkline";
constexpr size_t kLongestHeader = 4096;

using Parameters = std::map<std::string, std::string, std::less<>>;

std::string HashHex(std::string_view algorithm, std::string_view text) {
  return EqualsIgnoreCase(algorithm, "SHA-256") ? HexEncode(Sha256(text)) : ami::Md5Hex(text);
}

std::string SignTime(const DigestUser& user, std::string_view seconds) {
  return HexEncode(HmacSha256(user.password, Concat("trunkline webhook nonce ", user.username, " ", seconds)));
}

std::string MakeNonce(const DigestUser& user, absl::Time now) {
  const std::string seconds = Concat(absl::ToUnixSeconds(now));
  return Concat(seconds, "-", SignTime(user, seconds));
}

// When the nonce was made; nothing when it is not ours.
std::optional<absl::Time> TimeOfNonce(const DigestUser& user, std::string_view nonce) {
  const size_t dash = nonce.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto seconds = ParseInt(nonce.substr(0, dash));
  if (!seconds.has_value() || !EqualsInConstantTime(nonce.substr(dash + 1), SignTime(user, nonce.substr(0, dash)))) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(*seconds);
}

bool IsFresh(absl::Time made, absl::Time now) { return made <= now + absl::Seconds(1) && now - made <= kNonceLifetime; }

// name=value and name="value" with commas between them; nothing when it is not written so.
std::optional<Parameters> ReadParameters(std::string_view text) {
  Parameters parameters;
  while (!(text = Trim(text)).empty()) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string name = Lower(Trim(text.substr(0, equals)));
    text = Trim(text.substr(equals + 1));
    std::string value;
    if (text.starts_with('"')) {
      size_t at = 1;
      while (at < text.size() && text[at] != '"') {
        if (text[at] == '\\') ++at;
        if (at < text.size()) value += text[at++];
      }
      if (at >= text.size()) return std::nullopt;
      text.remove_prefix(at + 1);
    } else {
      const size_t comma = text.find(',');
      value = Trim(text.substr(0, comma));
      text = comma == std::string_view::npos ? std::string_view() : text.substr(comma);
    }
    if (!parameters.emplace(name, value).second) return std::nullopt;
    text = Trim(text);
    if (text.empty()) break;
    if (!text.starts_with(',')) return std::nullopt;
    text.remove_prefix(1);
  }
  return parameters;
}

std::optional<Parameters> ReadAuthorization(std::string_view authorization) {
  if (authorization.size() > kLongestHeader || !EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  return ReadParameters(authorization.substr(kScheme.size()));
}

std::string_view FindParameter(const Parameters& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

// The target that the client asked is the end of the public URL: a proxy may have put a path in front of it.
bool IsTargetOf(std::string_view url, std::string_view target) {
  return target.starts_with('/') && url.ends_with(target);
}

}  // namespace

std::string MakeChallenge(const DigestUser& user, std::string_view authorization, absl::Time now) {
  const auto parameters = ReadAuthorization(authorization);
  const auto made = parameters.has_value() ? TimeOfNonce(user, FindParameter(*parameters, "nonce")) : std::nullopt;
  const bool stale = made.has_value() && !IsFresh(*made, now);
  return Concat("Digest realm=\"", kRealm, "\", qop=\"auth\", algorithm=SHA-256, nonce=\"", MakeNonce(user, now), "\"",
                stale ? ", stale=true" : "");
}

absl::Status CheckDigest(const DigestUser& user, std::string_view authorization, std::string_view method,
                         std::string_view url, absl::Time now) {
  absl::Status mismatch = absl::UnauthenticatedError("SIGNATURE_MISMATCH");
  const auto parameters = ReadAuthorization(authorization);
  if (!parameters.has_value() || user.username.empty() || user.password.empty()) return mismatch;
  const std::string_view algorithm = FindParameter(*parameters, "algorithm");
  const bool known = algorithm.empty() || EqualsIgnoreCase(algorithm, "MD5") || EqualsIgnoreCase(algorithm, "SHA-256");
  const std::string_view nonce = FindParameter(*parameters, "nonce");
  const std::string_view uri = FindParameter(*parameters, "uri");
  const auto made = TimeOfNonce(user, nonce);
  if (!known || !made.has_value() || !IsFresh(*made, now) || FindParameter(*parameters, "qop") != "auth" ||
      FindParameter(*parameters, "realm") != kRealm || FindParameter(*parameters, "username") != user.username ||
      !IsTargetOf(url, uri)) {
    return mismatch;
  }
  const std::string secret = HashHex(algorithm, Concat(user.username, ":", kRealm, ":", user.password));
  const std::string request = HashHex(algorithm, Concat(method, ":", uri));
  const std::string expected = HashHex(algorithm, Concat(secret, ":", nonce, ":", FindParameter(*parameters, "nc"), ":",
                                                         FindParameter(*parameters, "cnonce"), ":", "auth:", request));
  return EqualsInConstantTime(Lower(FindParameter(*parameters, "response")), expected) ? absl::OkStatus() : mismatch;
}

}  // namespace trunkline::providers::sip
