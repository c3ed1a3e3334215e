// X-Twilio-Signature (https://www.twilio.com/docs/usage/security): base64 of HMAC-SHA1, keyed with the account's token,
// over the URL that Twilio asked and the names and values of the form that it posted. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/encoding.h"

namespace trunkline::providers::twilio {

// A request as far as the signature covers it.
struct SignedRequest {
  std::string_view method;
  std::string_view url;  // what Twilio asked, nothing decoded; wss://... for a WebSocket handshake
  std::string_view content_type;
  std::string_view body;
  std::string_view signature;
  const Form* form = nullptr;  // the body parsed, from a caller that has it already
};

// The signature of a URL and a form, which is empty for GET and for JSON.
std::string Sign(std::string_view url, const Form& form, std::string_view token);

// The URLs that Twilio may have signed when it asked `url`, for its own sides disagree about ports, user names,
// apostrophes and the slash at the end of WebSocket URLs. `url` itself comes first. No URL twice.
std::vector<std::string> SignedUrlVariants(std::string_view url);

// OK when one of `tokens` made the signature; empty tokens make none. UNAUTHENTICATED SIGNATURE_MISSING,
// BODY_DIGEST_MISMATCH or SIGNATURE_MISMATCH otherwise.
absl::Status CheckSignature(const SignedRequest& request, const std::vector<std::string>& tokens);

}  // namespace trunkline::providers::twilio
