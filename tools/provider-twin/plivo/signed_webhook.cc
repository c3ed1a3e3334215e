#include "tools/provider-twin/plivo/signed_webhook.h"

#include <algorithm>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/text.h"
#include "tools/provider-twin/plivo/signature.h"

namespace trunkline::twin::plivo {
namespace {

// Twenty digits.
std::string NewNonce() {
  std::string nonce;
  for (const char byte : RandomBytes(20))
    nonce.push_back(static_cast<char>('0' + static_cast<unsigned char>(byte) % 10));
  return nonce;
}

}  // namespace

Webhook MakeSignedWebhook(std::string_view kind, std::string_view call_uuid, const Target& target,
                          std::string_view auth_token, Form params) {
  Webhook webhook;
  webhook.kind = kind;
  webhook.call_id = call_uuid;
  webhook.method = target.method;
  webhook.url = WithoutFragment(target.url);
  webhook.retry = ReadOverrides(target.url, kConnectionRules);
  webhook.headers = {{"User-Agent", "plivo-twin"}, {"Accept", "*/*"}};
  std::sort(params.begin(), params.end());
  if (target.method == "GET") {
    if (!params.empty()) {
      webhook.url = Concat(webhook.url, webhook.url.find('?') == std::string::npos ? "?" : "&", EncodeForm(params));
    }
  } else {
    webhook.body = EncodeForm(params);
    webhook.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  }
  const std::string nonce = NewNonce();
  const std::string v3 =
      SignV3(auth_token, target.method, webhook.url, target.method == "GET" ? Form() : params, nonce);
  const std::string v2 = SignV2(auth_token, webhook.url, nonce);
  webhook.headers.insert(webhook.headers.end(), {{"X-Plivo-Signature-V3", v3},
                                                 {"X-Plivo-Signature-Ma-V3", v3},
                                                 {"X-Plivo-Signature-V3-Nonce", nonce},
                                                 {"X-Plivo-Signature-V2", v2},
                                                 {"X-Plivo-Signature-Ma-V2", v2},
                                                 {"X-Plivo-Signature-V2-Nonce", nonce}});
  webhook.params = std::move(params);
  return webhook;
}

}  // namespace trunkline::twin::plivo
