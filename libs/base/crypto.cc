#include "libs/base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
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

// Algorithms are looked up by name under a lock; once is enough.
const EVP_MD* Fetched(const char* name) {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
  Require(algorithm != nullptr);
  return algorithm;
}

const EVP_MD* Sha1Algorithm() {
  static const EVP_MD* const algorithm = Fetched("SHA1");
  return algorithm;
}

const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = Fetched("SHA256");
  return algorithm;
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::string Digest(const EVP_MD* algorithm, std::string_view bytes) {
  // A context costs more to make than a short text to digest.
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  std::string digest(static_cast<size_t>(EVP_MD_get_size(algorithm)), '\0');
  Require(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
          EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
          EVP_DigestFinal_ex(context.get(), Out(digest), nullptr) == 1);
  return digest;
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// A context of HMAC with its digest set, to be given a key for each message.
Mac MakeMac(const char* digest) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  Mac context(EVP_MAC_CTX_new(hmac));
  std::string name = digest;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                   OSSL_PARAM_construct_end()};
  Require(context != nullptr && EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  return context;
}

std::string Authenticate(EVP_MAC_CTX* context, std::string_view key, std::string_view message) {
  // A null key would mean the key of the message before.
  const unsigned char* key_bytes = key.empty() ? reinterpret_cast<const unsigned char*>("") : In(key);
  Require(EVP_MAC_init(context, key_bytes, key.size(), nullptr) == 1);
  Require(EVP_MAC_update(context, In(message), message.size()) == 1);
  std::string code(EVP_MAC_CTX_get_mac_size(context), '\0');
  size_t length = 0;
  Require(EVP_MAC_final(context, Out(code), &length, code.size()) == 1);
  return code;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

}  // namespace

std::string Sha1(std::string_view bytes) { return Digest(Sha1Algorithm(), bytes); }
std::string Sha256(std::string_view bytes) { return Digest(Sha256Algorithm(), bytes); }

std::string HmacSha1(std::string_view key, std::string_view message) {
  thread_local const Mac context = MakeMac("SHA1");
  return Authenticate(context.get(), key, message);
}

std::string HmacSha256(std::string_view key, std::string_view message) {
  thread_local const Mac context = MakeMac("SHA256");
  return Authenticate(context.get(), key, message);
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
