// The HTTP webhooks that an exchange's dialplan sends, with each of the ways to prove them.
#pragma once

#include <string>
#include <string_view>

#include "tools/provider-twin/webhook_sender.h"

namespace trunkline::twin::sip {

enum class Proof { kNone, kHmac, kToken, kDigest };

struct PbxWebhook {
  std::string url;
  std::string body;  // JSON
  Proof proof = Proof::kNone;
  std::string secret;  // HMAC key, token or password
  std::string user;    // of digest
};

// With digest it is sent twice: once to be challenged, and again with the answer.
void SendPbxWebhook(World& world, WebhookSender& sender, const PbxWebhook& webhook);

// The value of Authorization that answers a challenge; empty when it is none for digest.
std::string AnswerChallenge(std::string_view challenge, std::string_view user, std::string_view password,
                            std::string_view method, std::string_view target, std::string_view client_nonce);

}  // namespace trunkline::twin::sip
