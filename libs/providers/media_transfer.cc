#include "libs/providers/media_transfer.h"

#include <optional>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::providers {
namespace {

std::optional<uint64_t> LengthOf(const http::Response& head) {
  const std::optional<int64_t> bytes = ParseInt(http::FindHeader(head.headers, "content-length"));
  // What is packed has another length when it is unpacked; it is not asked for, but may come.
  if (!bytes.has_value() || *bytes < 0 || !http::FindHeader(head.headers, "content-encoding").empty()) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(*bytes);
}

}  // namespace

bool IsMedia(const http::Response& response) {
  return response.status == 200 || response.status == 206 || response.status == 416;
}

absl::StatusOr<http::Response> TransferMedia(http::Client& client, http::ClientRequest request, std::string_view range,
                                             const std::function<std::string(const http::Response&)>& type_of,
                                             MediaSink& sink) {
  if (!range.empty()) request.headers.emplace_back("range", std::string(range));
  bool wanted = true;
  absl::StatusOr<http::Response> response = client.Receive(
      request, {.on_head =
                    [&](const http::Response& head) {
                      if (!IsMedia(head)) return false;
                      wanted =
                          sink.Begin({.status = head.status,
                                      .content_type = type_of(head),
                                      .bytes = LengthOf(head),
                                      .content_range = std::string(http::FindHeader(head.headers, "content-range"))});
                      return head.status != 416;
                    },
                .on_piece = [&](std::string_view piece) { return wanted && sink.Write(piece); }});
  return response;
}

}  // namespace trunkline::providers
