#include "services/gateway/http/media_reply.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr std::string_view kBytes = "bytes=";

struct Range {
  size_t begin = 0;
  size_t end = 0;  // behind the last byte
};

enum class RangeKind { kNone, kSatisfiable, kUnsatisfiable };

// RFC 9110, 14.1.2, of one range.
RangeKind ReadRange(std::string_view header, size_t size, Range* range) {
  if (!header.starts_with(kBytes)) return RangeKind::kNone;
  const std::string_view text = Trim(header.substr(kBytes.size()));
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return RangeKind::kNone;
  const std::optional<int64_t> first = ParseInt(text.substr(0, dash));
  const std::string_view last_text = text.substr(dash + 1);
  const std::optional<int64_t> last = ParseInt(last_text);
  if ((first.has_value() && *first < 0) || (last.has_value() && *last < 0)) return RangeKind::kNone;
  if (!first.has_value()) {
    // The last so many bytes.
    if (dash != 0 || !last.has_value()) return RangeKind::kNone;
    if (*last == 0 || size == 0) return RangeKind::kUnsatisfiable;
    *range = {.begin = size - std::min(size, static_cast<size_t>(*last)), .end = size};
    return RangeKind::kSatisfiable;
  }
  if (!last.has_value() && !last_text.empty()) return RangeKind::kNone;
  if (last.has_value() && *last < *first) return RangeKind::kNone;
  if (static_cast<size_t>(*first) >= size) return RangeKind::kUnsatisfiable;
  range->begin = static_cast<size_t>(*first);
  range->end = last.has_value() ? std::min(size, static_cast<size_t>(*last) + 1) : size;
  return RangeKind::kSatisfiable;
}

std::string_view EndingOf(std::string_view content_type) {
  if (content_type == "audio/wav") return ".wav";
  return content_type == "audio/mpeg" ? ".mp3" : "";
}

}  // namespace

http::Response MediaReply(providers::RecordingMedia media, std::string_view recording_id, std::string_view range) {
  const std::string type = Lower(Trim(Split(media.content_type, ';')[0]));
  const std::string shown = type.starts_with("audio/") ? type : "application/octet-stream";
  http::Response response;
  response.headers = {{"Content-Type", shown},
                      {"Content-Disposition", Concat("attachment; filename=\"", recording_id, EndingOf(shown), "\"")},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "private, no-store"},
                      {"Accept-Ranges", "bytes"}};
  const size_t size = media.bytes.size();
  Range wanted;
  switch (ReadRange(range, size, &wanted)) {
    case RangeKind::kNone:
      response.body = std::move(media.bytes);
      break;
    case RangeKind::kSatisfiable:
      response.status = 206;
      response.headers.emplace_back("Content-Range", Concat("bytes ", wanted.begin, "-", wanted.end - 1, "/", size));
      response.body = media.bytes.substr(wanted.begin, wanted.end - wanted.begin);
      break;
    case RangeKind::kUnsatisfiable:
      response = http::ErrorResponse(416, "RANGE_NOT_SATISFIABLE", Concat("the recording has ", size, " bytes"));
      response.headers.emplace_back("Content-Range", Concat("bytes */", size));
      break;
  }
  return response;
}

}  // namespace trunkline::gateway
