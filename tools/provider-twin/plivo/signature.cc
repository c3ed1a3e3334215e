#include "tools/provider-twin/plivo/signature.h"

#include <set>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/text.h"

namespace trunkline::twin::plivo {

std::string SignV3(std::string_view auth_token, std::string_view method, std::string_view url, const Form& form,
                   std::string_view nonce) {
  using Sorted = std::multiset<std::pair<std::string, std::string>>;
  const size_t mark = url.find('?');
  std::string text(url.substr(0, mark));
  const bool has_body = method == "POST" && !form.empty();
  std::string joined;
  if (mark != std::string_view::npos) {
    const Form query = ParseForm(url.substr(mark + 1));
    for (const auto& [name, value] : Sorted(query.begin(), query.end())) {
      joined += Concat(joined.empty() ? "" : "&", name, "=", value);
    }
  }
  // The question mark stays where there is a body, even without a query.
  if (!joined.empty() || has_body) text += '?';
  text += joined;
  if (has_body) {
    if (!joined.empty()) text += '.';
    for (const auto& [name, value] : Sorted(form.begin(), form.end())) text += name + value;
  }
  return Base64Encode(HmacSha256(auth_token, Concat(text, ".", nonce)));
}

std::string SignV2(std::string_view auth_token, std::string_view url, std::string_view nonce) {
  return Base64Encode(HmacSha256(auth_token, Concat(url.substr(0, url.find('?')), nonce)));
}

}  // namespace trunkline::twin::plivo
