#include "tests/support/source_path.h"

#include "libs/base/text.h"

namespace trunkline {

std::string SourcePath(std::string_view path) { return Concat(TRUNKLINE_SOURCE_DIR, "/", path); }

}  // namespace trunkline
