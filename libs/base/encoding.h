// Base64, hexadecimal, percent-encoding and HTML forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline {

// Standard base64 with padding (RFC 4648).
std::string Base64Encode(std::string_view bytes);
// Nothing when the text is not padded standard base64.
std::optional<std::string> Base64Decode(std::string_view text);

// Lower-case hexadecimal.
std::string HexEncode(std::string_view bytes);
// Accepts both cases; nothing when the text is not an even number of hexadecimal digits.
std::optional<std::string> HexDecode(std::string_view text);

// RFC 3986: everything but letters, digits and -._~ becomes %XX.
std::string PercentEncode(std::string_view text);
// Decodes %XX; a '+' becomes a space when `plus_is_space`. A '%' that starts no escape stays as it is.
std::string PercentDecode(std::string_view text, bool plus_is_space);

// Name and value pairs in the order of the form; names may repeat.
using Form = std::vector<std::pair<std::string, std::string>>;
// application/x-www-form-urlencoded, of a body or of a URL's query.
Form ParseForm(std::string_view encoded);
std::string EncodeForm(const Form& form);
// The first value of a name; nothing when the form has no such name.
std::optional<std::string_view> FindInForm(const Form& form, std::string_view name);

}  // namespace trunkline
