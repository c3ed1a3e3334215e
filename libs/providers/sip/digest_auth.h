// HTTP digest authentication (RFC 7616) of webhooks, by MD5 or SHA-256. The nonces are signed with the password and the
// time, so that nothing needs to be remembered between the challenge and the answer.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace trunkline::providers::sip {

struct DigestUser {
  std::string username;
  std::string password;
};

// How long an answer to a challenge is taken.
inline constexpr absl::Duration kNonceLifetime = absl::Minutes(5);

// The value of WWW-Authenticate. `authorization` is that of the refused request: one whose nonce only was too old is
// told so, which spares the client to ask for the password again.
std::string MakeChallenge(const DigestUser& user, std::string_view authorization, absl::Time now);

// OK when the value of Authorization proves the password for this request. UNAUTHENTICATED: SIGNATURE_MISMATCH.
absl::Status CheckDigest(const DigestUser& user, std::string_view authorization, std::string_view method,
                         std::string_view url, absl::Time now);

}  // namespace trunkline::providers::sip
