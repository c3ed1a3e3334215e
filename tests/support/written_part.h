// The part of a document that a test writes: between "<!-- NAME: written by PROGRAM -->" and "<!-- end of NAME -->".
#pragma once

#include <string>
#include <string_view>

namespace trunkline::testing_support {

// Expects that the part is `text`; with TRUNKLINE_UPDATE_FEATURES in the environment writes it there instead.
//
//   ExpectWrittenPart("docs/providers.md", "features", "provider_conformance_test", Matrix());
void ExpectWrittenPart(std::string_view document, std::string_view name, std::string_view program,
                       const std::string& text);

}  // namespace trunkline::testing_support
