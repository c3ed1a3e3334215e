#include "libs/providers/markup_text.h"

#include "libs/base/text.h"

namespace trunkline::providers {
namespace {

// U+FFFE and U+FFFF, the only ones beyond the control characters.
constexpr std::string_view kNoCharacterPrefix = "\xEF\xBF";

bool IsForbiddenControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

}  // namespace

std::string ToXmlText(std::string_view text) {
  // NUL is dropped before it can become a U+FFFD.
  std::string kept;
  kept.reserve(text.size());
  for (const char c : text) {
    if (!IsForbiddenControl(c)) kept.push_back(c);
  }
  const std::string readable = ToStorableText(kept);
  std::string out;
  out.reserve(readable.size());
  for (size_t i = 0; i < readable.size(); ++i) {
    const std::string_view rest = std::string_view(readable).substr(i);
    if (rest.size() >= 3 && rest.starts_with(kNoCharacterPrefix) && (rest[2] == '\xBE' || rest[2] == '\xBF')) {
      i += 2;
    } else {
      out.push_back(readable[i]);
    }
  }
  return out;
}

std::string KeepOnly(std::string_view text, std::string_view allowed) {
  std::string out;
  for (const char c : text) {
    if (allowed.find(c) != std::string_view::npos) out.push_back(c);
  }
  return out;
}

}  // namespace trunkline::providers
