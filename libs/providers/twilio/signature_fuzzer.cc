// Bytes as a signed request: what is signed is accepted in every form of its URL, whatever the bytes, and with one byte
// more it is not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "libs/base/text.h"
#include "libs/providers/twilio/signature.h"
#include "libs/providers/twilio/webhook_time.h"

namespace trunkline::providers::twilio {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// The first line is the URL, the rest the form.
void Run(std::string_view bytes) {
  const size_t line_end = bytes.find('\n');
  const std::string_view url = bytes.substr(0, line_end);
  const std::string body(line_end == std::string_view::npos ? std::string_view() : bytes.substr(line_end + 1));
  ParseTimestamp(url);
  const Form form = ParseForm(body);
  Require(ParseForm(EncodeForm(form)) == form);
  for (const std::string& variant : SignedUrlVariants(url)) {
    const std::string signature = Sign(variant, form, "token");
    Require(CheckSignature({"POST", url, "", body, signature}, {"other", "token"}).ok());
    Require(!CheckSignature({"POST", url, "", body, signature}, {"other", ""}).ok());
    Require(!CheckSignature({"POST", url, "", Concat(body, "&zzzzzzzz=1"), signature}, {"token"}).ok() ||
            body.find("zzzzzzzz") != std::string::npos);
  }
}

}  // namespace
}  // namespace trunkline::providers::twilio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::providers::twilio::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
