#include "libs/base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>

namespace trunkline {
namespace {

constexpr size_t kKeySize = 32;
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;

const unsigned char* In(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Out(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// OpenSSL's primitives fail only when memory or the library itself is broken; nothing sensible can follow.
void Require(bool ok) {
  if (!ok) std::abort();
}

std::string Digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::string digest(static_cast<size_t>(EVP_MD_get_size(algorithm)), '\0');
  Require(EVP_Digest(bytes.data(), bytes.size(), Out(digest), nullptr, algorithm, nullptr) == 1);
  return digest;
}

std::string Authenticate(const EVP_MD* algorithm, std::string_view key, std::string_view message) {
  std::string code(static_cast<size_t>(EVP_MD_get_size(algorithm)), '\0');
  Require(HMAC(algorithm, key.data(), static_cast<int>(key.size()), In(message), message.size(), Out(code), nullptr) !=
          nullptr);
  return code;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

}  // namespace

std::string Sha1(std::string_view bytes) { return Digest(EVP_sha1(), bytes); }
std::string Sha256(std::string_view bytes) { return Digest(EVP_sha256(), bytes); }
std::string HmacSha1(std::string_view key, std::string_view message) { return Authenticate(EVP_sha1(), key, message); }
std::string HmacSha256(std::string_view key, std::string_view message) {
  return Authenticate(EVP_sha256(), key, message);
}

bool EqualsInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  Require(RAND_bytes(Out(bytes), static_cast<int>(count)) == 1);
  return bytes;
}

std::string Seal(std::string_view key, std::string_view context, std::string_view plaintext) {
  Require(key.size() == kKeySize);
  std::string sealed = RandomBytes(kNonceSize);
  sealed.resize(kNonceSize + plaintext.size() + kTagSize);
  unsigned char* ciphertext = Out(sealed) + kNonceSize;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  Require(cipher != nullptr && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), Out(sealed)) == 1);
  Require(EVP_EncryptUpdate(cipher.get(), nullptr, &length, In(context), static_cast<int>(context.size())) == 1);
  Require(EVP_EncryptUpdate(cipher.get(), ciphertext, &length, In(plaintext), static_cast<int>(plaintext.size())) == 1);
  Require(EVP_EncryptFinal_ex(cipher.get(), ciphertext + length, &length) == 1);
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, ciphertext + plaintext.size()) == 1);
  return sealed;
}

absl::StatusOr<std::string> Open(std::string_view key, std::string_view context, std::string_view sealed) {
  const auto refuse = [] {
    return absl::DataLossError("a sealed value does not open: it was sealed with another key or for another row");
  };
  if (key.size() != kKeySize || sealed.size() < kNonceSize + kTagSize) return refuse();
  const std::string_view nonce = sealed.substr(0, kNonceSize);
  const std::string_view ciphertext = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string plaintext(ciphertext.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  Require(cipher != nullptr && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(nonce)) == 1);
  Require(EVP_DecryptUpdate(cipher.get(), nullptr, &length, In(context), static_cast<int>(context.size())) == 1);
  Require(EVP_DecryptUpdate(cipher.get(), Out(plaintext), &length, In(ciphertext),
                            static_cast<int>(ciphertext.size())) == 1);
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, Out(tag)) == 1);
  if (EVP_DecryptFinal_ex(cipher.get(), Out(plaintext) + length, &length) != 1) return refuse();
  return plaintext;
}

}  // namespace trunkline
