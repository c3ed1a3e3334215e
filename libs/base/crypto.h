// Digests, message authentication, authenticated encryption and random bytes, all by OpenSSL.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline {

// Raw digests: 20 and 32 bytes.
std::string Sha1(std::string_view bytes);
std::string Sha256(std::string_view bytes);
// Raw message authentication codes: 20 and 32 bytes.
std::string HmacSha1(std::string_view key, std::string_view message);
std::string HmacSha256(std::string_view key, std::string_view message);

// Compares in a time that depends on the lengths only.
bool EqualsInConstantTime(std::string_view a, std::string_view b);

// Unpredictable bytes, for keys and tokens.
std::string RandomBytes(size_t count);

// AES-256-GCM. `key` has 32 bytes. `context` is bound to the text: it must be the same when it is opened, so that a
// sealed credential cannot be moved to another row. The result is nonce, ciphertext and tag.
std::string Seal(std::string_view key, std::string_view context, std::string_view plaintext);
// DATA_LOSS when key, context or bytes are not those of the sealing.
absl::StatusOr<std::string> Open(std::string_view key, std::string_view context, std::string_view sealed);

}  // namespace trunkline
