#include "tests/support/source_path.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "libs/base/text.h"

namespace trunkline {

std::string SourcePath(std::string_view path) { return Concat(TRUNKLINE_SOURCE_DIR, "/", path); }

std::string ReadSourceFile(std::string_view path) {
  std::ostringstream text;
  text << std::ifstream(SourcePath(path), std::ios::binary).rdbuf();
  return std::move(text).str();
}

}  // namespace trunkline
