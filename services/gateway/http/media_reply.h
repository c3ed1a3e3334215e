// The sound of a recording as an answer of HTTP, handed on as it comes: whole, or the one range that was asked for.
// Where the provider gives the whole to who asked for a range, the range is cut out on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/http/body_stream.h"
#include "libs/http/message.h"
#include "libs/providers/recording_client.h"

namespace trunkline::gateway {

// The header Range as a provider may be asked for it; empty for several ranges, and for what is none.
std::string OneRange(std::string_view header);

class MediaReply final : public providers::MediaSink {
 public:
  struct Exits {  // one of them is called, once
    std::function<void(http::Response)> send;
    std::function<std::unique_ptr<http::BodyStream>(http::Response head, std::optional<uint64_t> bytes)> stream;
  };

  // `range` is what OneRange() gave. What a provider calls anything but sound is sent as bytes that no browser shows.
  MediaReply(Exits exits, std::string recording_id, std::string range)
      : exits_(std::move(exits)), recording_id_(std::move(recording_id)), range_(std::move(range)) {}

  bool Begin(const providers::MediaHead& head) override;
  bool Write(std::string_view piece) override;
  // Once nothing more comes. True when there is an answer; else the status says what it is to be.
  bool End(const absl::Status& status);

 private:
  bool RefuseRange(std::string content_range);

  const Exits exits_;
  const std::string recording_id_;
  const std::string range_;
  bool answered_ = false;
  std::unique_ptr<http::BodyStream> body_;
  // Of a range that is cut out here.
  uint64_t to_skip_ = 0;
  std::optional<uint64_t> to_send_;
};

}  // namespace trunkline::gateway
