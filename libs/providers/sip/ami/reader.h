// Cuts the bytes of a manager connection into messages. A message ends with an empty line, a line with CRLF and never
// with a bare LF, which real values contain. Messages are bounded: who sends a longer one is no Asterisk.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/providers/sip/ami/message.h"

namespace trunkline::providers::sip::ami {

class Reader {
 public:
  static constexpr size_t kLargestMessage = 64 * 1024;
  static constexpr size_t kMostLines = 1024;

  void Feed(std::string_view bytes);

  // The line that a server sends first, which no empty line follows; nothing until it is there. Once, before Next().
  // RESOURCE_EXHAUSTED when it is too long.
  absl::StatusOr<std::optional<std::string>> Banner();
  // The next whole message; nothing until it is there. RESOURCE_EXHAUSTED when it is too long: the connection is to be
  // dropped.
  absl::StatusOr<std::optional<Message>> Next();

 private:
  void Consume(size_t count);

  std::string buffer_;
  size_t begin_ = 0;     // of what is not consumed yet
  size_t searched_ = 0;  // no message ends before
};

}  // namespace trunkline::providers::sip::ami
