#include "tests/support/written_part.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "libs/base/text.h"
#include "tests/support/source_path.h"

namespace trunkline::testing_support {

void ExpectWrittenPart(std::string_view document, std::string_view name, std::string_view program,
                       const std::string& text) {
  const std::string head = Concat("<!-- ", name, ": written by ", program, " -->\n");
  std::string whole = ReadSourceFile(document);
  const size_t begin = whole.find(head);
  const size_t end = whole.find(Concat("<!-- end of ", name, " -->"));
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end)
      << document << " has no part " << name;
  const size_t from = begin + head.size();
  if (std::getenv("TRUNKLINE_UPDATE_FEATURES") != nullptr) {
    whole.replace(from, end - from, text);
    std::ofstream(SourcePath(document)) << whole;
    return;
  }
  EXPECT_EQ(whole.substr(from, end - from), text)
      << "run " << program << " with TRUNKLINE_UPDATE_FEATURES=1, which rewrites " << document;
}

}  // namespace trunkline::testing_support
