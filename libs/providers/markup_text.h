// Text that XML can carry.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::providers {

// Without the characters that XML 1.0 forbids (https://www.w3.org/TR/xml/#charsets); bytes that are no UTF-8 become
// U+FFFD.
std::string ToXmlText(std::string_view text);

// The characters of `text` that are among `allowed`.
std::string KeepOnly(std::string_view text, std::string_view allowed);

}  // namespace trunkline::providers
