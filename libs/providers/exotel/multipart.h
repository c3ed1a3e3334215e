// multipart/form-data (https://www.rfc-editor.org/rfc/rfc7578), as far as webhooks are sent in it: small parts of text.
//
// It stays with Exotel because no other provider sends it; it takes no files and no nesting, and should not pass for
// more.
#pragma once

#include <optional>
#include <string_view>

#include "libs/base/encoding.h"

namespace trunkline::providers::exotel {

// Content-Type may be written in any case.
bool IsMultipart(std::string_view content_type);

// The parts in their order. Nothing when the boundary is missing or malformed, the body does not end with it, a part
// has no name, or there are more than 200 parts.
std::optional<Form> ParseMultipart(std::string_view content_type, std::string_view body);

}  // namespace trunkline::providers::exotel
