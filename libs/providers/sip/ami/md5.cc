#include "libs/providers/sip/ami/md5.h"

#include <openssl/evp.h>

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::providers::sip::ami {

std::string Md5Hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_md5(), nullptr);
  return HexEncode({reinterpret_cast<const char*>(digest), size});
}

std::string LoginKey(std::string_view challenge, std::string_view secret) { return Md5Hex(Concat(challenge, secret)); }

}  // namespace trunkline::providers::sip::ami
