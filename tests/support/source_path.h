// Where a test finds the files that lie beside the sources: samples, migrations, documents.
#pragma once

#include <string>
#include <string_view>

namespace trunkline {

// The whole path of a file of this checkout: SourcePath("deploy/migrations").
std::string SourcePath(std::string_view path);
// What is in that file; empty when there is none.
std::string ReadSourceFile(std::string_view path);

}  // namespace trunkline
