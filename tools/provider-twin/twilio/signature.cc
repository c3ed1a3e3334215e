#include "tools/provider-twin/twilio/signature.h"

#include <set>

#include "libs/base/crypto.h"

namespace trunkline::twin::twilio {

std::string Sign(std::string_view auth_token, std::string_view url, const Form& form) {
  std::string text(url);
  // A set: ascending by name, then by value, each pair once.
  const std::set<std::pair<std::string, std::string>> pairs(form.begin(), form.end());
  for (const auto& [name, value] : pairs) {
    text += name;
    text += value;
  }
  return Base64Encode(HmacSha1(auth_token, text));
}

}  // namespace trunkline::twin::twilio
