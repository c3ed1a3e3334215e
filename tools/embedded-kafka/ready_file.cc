#include "tools/embedded-kafka/ready_file.h"

#include <cstdio>
#include <fstream>

#include "libs/base/text.h"

namespace trunkline {

absl::Status WriteReadyFile(const std::string& path, std::string_view bootstrap) {
  const std::string unfinished = path + ".unfinished";
  std::ofstream file(unfinished, std::ios::trunc);
  file << bootstrap << '\n';
  file.close();
  if (!file || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return absl::InternalError(Concat("cannot write the ready file ", path));
  }
  return absl::OkStatus();
}

}  // namespace trunkline
