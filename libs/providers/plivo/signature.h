// The signatures of Plivo's webhooks (https://www.plivo.com/docs/voice/concepts/signature-validation). Pure.
//
//   V3  base64(HMAC-SHA256(token, URL and query, parameters of the body, nonce)): the one to rely on
//   V2  base64(HMAC-SHA256(token, URL without its query, nonce)): says nothing of the body
//   V1  base64(HMAC-SHA1(token, URL and parameters)): retired
//
// V3 and V2 come twice: made with the token of the account that owns the call, and ("Ma") with the main account's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/encoding.h"

namespace trunkline::providers::plivo {

// A request as far as the signatures cover it. An empty signature is none.
struct SignedRequest {
  std::string_view method;
  std::string_view url;  // what Plivo asked, nothing decoded
  const Form& form;      // of the body; not looked at for a GET
  std::string_view v3 = {};
  std::string_view v3_main = {};
  std::string_view v3_nonce = {};
  std::string_view v2 = {};
  std::string_view v2_main = {};
  std::string_view v2_nonce = {};
  std::string_view v1 = {};
};

// Empty tokens count for nothing.
struct SigningTokens {
  std::vector<std::string> own;
  std::vector<std::string> main;  // of the main account; the account's own when it is one
};

struct AcceptedSchemes {
  bool v3 = true;
  bool v2 = false;
  bool v1 = false;
};

// The texts that are signed.
std::string V3Text(std::string_view method, std::string_view url, const Form& form, std::string_view nonce);
std::string V2Text(std::string_view url, std::string_view nonce);
std::string V1Text(std::string_view url, const Form& form);
// The signature of a V3 or V2 text.
std::string SignText(std::string_view text, std::string_view token);
std::string SignV1Text(std::string_view text, std::string_view token);

// OK when the best scheme that the request has and that is accepted holds: a request with a wrong V3 signature is not
// saved by a right V2. UNAUTHENTICATED with SIGNATURE_MISSING or SIGNATURE_MISMATCH otherwise.
absl::Status CheckSignature(const SignedRequest& request, const SigningTokens& tokens, AcceptedSchemes accepted);

}  // namespace trunkline::providers::plivo
