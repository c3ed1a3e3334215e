// The parties of a call as an exchange writes them: numbers with or without '+', extensions, and placeholders.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trunkline::providers::sip {

// E.164 where it is a number, an extension as it stands; nothing for what names nobody ("<unknown>", "anonymous", the
// dialplan's own "s", "h", "t").
//
// A number of 11 digits or more that does not begin with 0 is read as an international one without its '+', unless it
// is a national one of the region.
std::optional<std::string> PartyOf(std::string_view text, std::string_view default_region);

}  // namespace trunkline::providers::sip
