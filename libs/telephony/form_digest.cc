#include "libs/telephony/form_digest.h"

#include <algorithm>

#include "libs/base/crypto.h"

namespace trunkline::telephony {

std::string DigestOfForm(Form form) {
  std::sort(form.begin(), form.end());
  return HexEncode(Sha256(EncodeForm(form)));
}

}  // namespace trunkline::telephony
