// Bytes as a manager connection sends them, cut anywhere: the reader must neither crash nor depend on the cuts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/sip/ami/reader.h"

namespace trunkline::providers::sip::ami {
namespace {

std::vector<std::string> MessagesOf(std::string_view bytes, size_t piece) {
  Reader reader;
  std::vector<std::string> texts;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    reader.Feed(bytes.substr(at, piece));
    while (true) {
      const auto next = reader.Next();
      if (!next.ok()) return texts;
      if (!next->has_value()) break;
      texts.push_back((*next)->text());
    }
  }
  return texts;
}

}  // namespace
}  // namespace trunkline::providers::sip::ami

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // Short ones: a bound that is met in the middle of a piece may let that piece's messages through.
  if (size > 60 * 1024 || size == 0) return 0;
  using trunkline::providers::sip::ami::MessagesOf;
  if (MessagesOf(bytes, size) != MessagesOf(bytes, 1 + data[0] % 32)) std::abort();
  return 0;
}
