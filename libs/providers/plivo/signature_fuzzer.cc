// Bytes as a signed request: what is signed is accepted, whatever the bytes, and with one parameter more it is not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "libs/base/text.h"
#include "libs/providers/plivo/signature.h"
#include "libs/providers/plivo/webhook_time.h"

namespace trunkline::providers::plivo {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// The first line is the URL, the rest the form.
void Run(std::string_view bytes) {
  const size_t line_end = bytes.find('\n');
  const std::string_view url = bytes.substr(0, line_end);
  const Form form = ParseForm(line_end == std::string_view::npos ? std::string_view() : bytes.substr(line_end + 1));
  ParseUtc(url);
  ParseWithOffset(url);
  ParseEpochMilliseconds(url);
  for (const char* method : {"GET", "POST"}) {
    const std::string signature = SignText(V3Text(method, url, form, "7"), "token");
    const SigningTokens right{.own = {"other", "token"}, .main = {}};
    const SigningTokens wrong{.own = {"other", ""}, .main = {"token"}};
    const SignedRequest request{.method = method, .url = url, .form = form, .v3 = signature, .v3_nonce = "7"};
    Require(CheckSignature(request, right, {}).ok());
    Require(!CheckSignature(request, wrong, {}).ok());
  }
  Form more = form;
  more.emplace_back("zzzzzzzz", "1");
  const std::string signature = SignText(V3Text("POST", url, form, "7"), "token");
  Require(!CheckSignature({.method = "POST", .url = url, .form = more, .v3 = signature, .v3_nonce = "7"},
                          {.own = {"token"}, .main = {}}, {})
               .ok());
}

}  // namespace
}  // namespace trunkline::providers::plivo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::providers::plivo::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
