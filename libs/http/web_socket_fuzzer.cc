// Bytes as a client's frames: whatever comes, in whatever pieces, the same is found, messages are bounded UTF-8, and
// nothing comes after a close.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "libs/http/web_socket_frames.h"

namespace trunkline::http {
namespace {

constexpr size_t kLargest = 200;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::tuple<ClientFrame::Kind, std::string, uint16_t>> ReadAll(std::string_view bytes, size_t at_a_time) {
  FrameReader reader(kLargest);
  std::vector<std::tuple<ClientFrame::Kind, std::string, uint16_t>> found;
  bool ended = false;
  for (size_t i = 0; i < bytes.size(); i += at_a_time) {
    reader.Add(bytes.substr(i, at_a_time));
    for (ClientFrame frame = reader.Next(); frame.kind != ClientFrame::Kind::kNone; frame = reader.Next()) {
      Require(!ended);
      Require(frame.payload.size() <= kLargest);
      ended = frame.kind == ClientFrame::Kind::kClose || frame.kind == ClientFrame::Kind::kFault;
      Require(!ended || frame.code >= 1000);
      found.emplace_back(frame.kind, frame.payload, frame.code);
    }
  }
  return found;
}

// The first byte says how many bytes come at a time.
void Run(std::string_view bytes) {
  if (bytes.empty()) return;
  const size_t at_a_time = 1 + static_cast<unsigned char>(bytes[0]) % 32;
  bytes.remove_prefix(1);
  Require(ReadAll(bytes, at_a_time) == ReadAll(bytes, bytes.size() + 1));
}

}  // namespace
}  // namespace trunkline::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::http::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
