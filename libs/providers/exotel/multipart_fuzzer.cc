// Bytes as a multipart form: the first line is the Content-Type, the rest the body. Never more than there was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libs/providers/exotel/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t line_end = bytes.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const auto form = trunkline::providers::exotel::ParseMultipart(bytes.substr(0, line_end), bytes.substr(line_end + 1));
  if (!form.has_value()) return 0;
  size_t total = 0;
  for (const auto& [name, value] : *form) total += name.size() + value.size();
  if (form->size() > 200 || total > size) std::abort();
  return 0;
}
