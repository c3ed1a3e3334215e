#include "tools/provider-twin/sip/pbx_webhook.h"

#include <openssl/evp.h>

#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin::sip {
namespace {

// The value of name="..." or name=... in a challenge.
std::string ParameterOf(std::string_view challenge, std::string_view name) {
  const std::string wanted = Concat(name, "=");
  size_t at = challenge.find(wanted);
  while (at != std::string_view::npos && at > 0 && challenge[at - 1] != ' ' && challenge[at - 1] != ',') {
    at = challenge.find(wanted, at + 1);
  }
  if (at == std::string_view::npos) return {};
  std::string_view value = challenge.substr(at + wanted.size());
  if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
  return std::string(Trim(value.substr(0, value.find(','))));
}

std::string Hash(bool sha256, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, sha256 ? EVP_sha256() : EVP_md5(), nullptr);
  return HexEncode({reinterpret_cast<const char*>(digest), size});
}

std::string TargetOf(std::string_view url) {
  const size_t host = url.find("://");
  const size_t path = host == std::string_view::npos ? host : url.find('/', host + 3);
  return path == std::string_view::npos ? "/" : std::string(url.substr(path));
}

Webhook Make(const PbxWebhook& webhook) {
  Webhook made;
  made.kind = "pbx";
  made.url = webhook.url;
  made.headers = {{"Content-Type", "application/json"}, {"User-Agent", "asterisk-libcurl-agent/1.0"}};
  made.body = webhook.body;
  return made;
}

}  // namespace

std::string AnswerChallenge(std::string_view challenge, std::string_view user, std::string_view password,
                            std::string_view method, std::string_view target, std::string_view client_nonce) {
  if (!EqualsIgnoreCase(challenge.substr(0, 7), "digest ")) return {};
  const std::string realm = ParameterOf(challenge, "realm");
  const std::string nonce = ParameterOf(challenge, "nonce");
  const std::string algorithm = ParameterOf(challenge, "algorithm");
  const bool sha256 = EqualsIgnoreCase(algorithm, "SHA-256");
  const std::string secret = Hash(sha256, Concat(user, ":", realm, ":", password));
  const std::string request = Hash(sha256, Concat(method, ":", target));
  const std::string response = Hash(sha256, Concat(secret, ":", nonce, ":00000001:", client_nonce, ":auth:", request));
  return Concat("Digest username=\"", user, "\", realm=\"", realm, "\", nonce=\"", nonce, "\", uri=\"", target,
                "\", cnonce=\"", client_nonce, "\", nc=00000001, qop=auth, response=\"", response, "\"",
                algorithm.empty() ? "" : ", algorithm=", algorithm);
}

void SendPbxWebhook(World& world, WebhookSender& sender, const PbxWebhook& webhook) {
  Webhook made = Make(webhook);
  if (webhook.proof == Proof::kToken) made.headers.emplace_back("X-PBX-Token", webhook.secret);
  if (webhook.proof == Proof::kHmac) {
    const std::string timestamp = Concat(absl::ToUnixSeconds(world.scheduler.Now()));
    made.headers.emplace_back("X-PBX-Timestamp", timestamp);
    made.headers.emplace_back(
        "X-PBX-Signature",
        Concat("sha256=", HexEncode(HmacSha256(webhook.secret, Concat(timestamp, ".", webhook.body)))));
  }
  if (webhook.proof != Proof::kDigest) {
    sender.Send(std::move(made));
    return;
  }
  made.is_notification = false;
  sender.Send(std::move(made), [&sender, webhook](const absl::StatusOr<http::Response>& response) {
    if (!response.ok() || response->status != 401) return;
    for (const auto& [name, value] : response->headers) {
      if (!EqualsIgnoreCase(name, "www-authenticate")) continue;
      Webhook again = Make(webhook);
      again.headers.emplace_back("Authorization", AnswerChallenge(value, webhook.user, webhook.secret, "POST",
                                                                  TargetOf(webhook.url), "0a4f113b"));
      sender.Send(std::move(again));
      return;
    }
  });
}

}  // namespace trunkline::twin::sip
