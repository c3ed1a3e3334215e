#include "services/gateway/http/media_reply.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr std::string_view kBytes = "bytes=";

struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;  // behind the last byte
};

enum class RangeKind { kNone, kSatisfiable, kUnsatisfiable };

// RFC 9110, 14.1.2, of one range.
RangeKind ReadRange(std::string_view header, uint64_t size, Range* range) {
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
    *range = {.begin = size - std::min(size, static_cast<uint64_t>(*last)), .end = size};
    return RangeKind::kSatisfiable;
  }
  if (!last.has_value() && !last_text.empty()) return RangeKind::kNone;
  if (last.has_value() && *last < *first) return RangeKind::kNone;
  if (static_cast<uint64_t>(*first) >= size) return RangeKind::kUnsatisfiable;
  range->begin = static_cast<uint64_t>(*first);
  range->end = last.has_value() ? std::min(size, static_cast<uint64_t>(*last) + 1) : size;
  return RangeKind::kSatisfiable;
}

std::string_view EndingOf(std::string_view content_type) {
  if (content_type == "audio/wav") return ".wav";
  return content_type == "audio/mpeg" ? ".mp3" : "";
}

}  // namespace

std::string OneRange(std::string_view header) {
  Range ignored;
  // Of a file so large that every range which is one lies in it.
  const bool is_one = ReadRange(header, std::numeric_limits<int64_t>::max(), &ignored) != RangeKind::kNone;
  return std::string(is_one ? Trim(header) : std::string_view());
}

bool MediaReply::RefuseRange(std::string content_range) {
  http::Response response = http::ErrorResponse(416, "RANGE_NOT_SATISFIABLE", "the recording has no such range");
  if (!content_range.empty()) response.headers.emplace_back("Content-Range", std::move(content_range));
  answered_ = true;
  exits_.send(std::move(response));
  return false;
}

bool MediaReply::Begin(const providers::MediaHead& head) {
  if (answered_) return false;
  if (head.status == 416) return RefuseRange(head.content_range);
  const std::string type = Lower(Trim(Split(head.content_type, ';')[0]));
  const std::string shown = type.starts_with("audio/") ? type : "application/octet-stream";
  http::Response response;
  response.headers = {{"Content-Type", shown},
                      {"Content-Disposition", Concat("attachment; filename=\"", recording_id_, EndingOf(shown), "\"")},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cache-Control", "private, no-store"},
                      {"Accept-Ranges", "bytes"}};
  std::optional<uint64_t> bytes = head.bytes;
  if (head.status == 206) {
    // A part of a length that only the provider knows: without its word on which part there is nothing to tell.
    if (range_.empty() || head.content_range.empty()) return false;
    response.status = 206;
    response.headers.emplace_back("Content-Range", head.content_range);
  } else if (!range_.empty() && bytes.has_value()) {
    Range wanted;
    switch (ReadRange(range_, *bytes, &wanted)) {
      case RangeKind::kNone:
        break;
      case RangeKind::kSatisfiable:
        response.status = 206;
        response.headers.emplace_back("Content-Range",
                                      Concat("bytes ", wanted.begin, "-", wanted.end - 1, "/", *bytes));
        to_skip_ = wanted.begin;
        to_send_ = wanted.end - wanted.begin;
        bytes = to_send_;
        break;
      case RangeKind::kUnsatisfiable:
        return RefuseRange(Concat("bytes */", *bytes));
    }
  }
  answered_ = true;
  body_ = exits_.stream(std::move(response), bytes);
  return true;
}

bool MediaReply::Write(std::string_view piece) {
  if (body_ == nullptr) return false;
  const auto skipped = static_cast<size_t>(std::min<uint64_t>(to_skip_, piece.size()));
  to_skip_ -= skipped;
  piece.remove_prefix(skipped);
  if (!to_send_.has_value()) return body_->Write(piece);
  piece = piece.substr(0, static_cast<size_t>(std::min<uint64_t>(*to_send_, piece.size())));
  *to_send_ -= piece.size();
  return body_->Write(piece) && *to_send_ > 0;
}

bool MediaReply::End(const absl::Status& status) {
  const bool is_cut_out = to_send_ == uint64_t{0};
  if (body_ != nullptr && (status.ok() || is_cut_out)) body_->Finish();
  body_.reset();
  return answered_;
}

}  // namespace trunkline::gateway
