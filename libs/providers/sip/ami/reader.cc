#include "libs/providers/sip/ami/reader.h"

#include <algorithm>

namespace trunkline::providers::sip::ami {
namespace {

constexpr std::string_view kMessageEnd = "\r\n\r\n";
constexpr size_t kLargestBanner = 256;

size_t CountLines(std::string_view text) {
  size_t count = 0;
  for (size_t at = text.find(kLineEnd); at != std::string_view::npos; at = text.find(kLineEnd, at + 2)) ++count;
  return count;
}

}  // namespace

void Reader::Feed(std::string_view bytes) {
  // What was consumed is thrown away here, once for many messages.
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
  }
  buffer_.append(bytes);
}

void Reader::Consume(size_t count) {
  begin_ += count;
  searched_ = begin_;
}

absl::StatusOr<std::optional<std::string>> Reader::Banner() {
  const size_t end = buffer_.find(kLineEnd, begin_);
  if (end == std::string::npos || end - begin_ > kLargestBanner) {
    if (buffer_.size() - begin_ > kLargestBanner) return absl::ResourceExhaustedError("the greeting is too long");
    return std::optional<std::string>();
  }
  std::optional<std::string> line = buffer_.substr(begin_, end - begin_);
  Consume(end - begin_ + kLineEnd.size());
  return line;
}

absl::StatusOr<std::optional<Message>> Reader::Next() {
  while (std::string_view(buffer_).substr(begin_).starts_with(kLineEnd)) Consume(kLineEnd.size());
  const size_t end = buffer_.find(kMessageEnd, searched_);
  if (end == std::string::npos) {
    if (buffer_.size() - begin_ > kLargestMessage) return absl::ResourceExhaustedError("a message is too long");
    // The end may have come in part.
    searched_ = std::max(begin_, buffer_.size() - std::min(buffer_.size(), kMessageEnd.size() - 1));
    return std::optional<Message>();
  }
  const std::string_view text = std::string_view(buffer_).substr(begin_, end - begin_);
  if (text.size() > kLargestMessage) return absl::ResourceExhaustedError("a message is too long");
  if (CountLines(text) >= kMostLines) return absl::ResourceExhaustedError("a message has too many lines");
  std::optional<Message> message = Message::Parse(text);
  Consume(text.size() + kMessageEnd.size());
  return message;
}

}  // namespace trunkline::providers::sip::ami
