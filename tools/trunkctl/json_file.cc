#include "tools/trunkctl/json_file.h"

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <string_view>

#include "libs/base/text.h"

namespace trunkline::trunkctl {

absl::Status ReadJson(const std::string& path, google::protobuf::Message* message) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(ToAbsl(Concat("cannot read ", path)));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto read = google::protobuf::util::JsonStringToMessage(text, message);
  if (read.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      ToAbsl(Concat(path, ": ", std::string_view(read.message().data(), read.message().size()),
                    "; the fields are those of ", message->GetTypeName(), " in docs/reference.md")));
}

}  // namespace trunkline::trunkctl
