// What watchers are told: one message, shared by all of them, in each form that one of them needs made once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

class CallUpdate {
 public:
  using Text = std::shared_ptr<const std::string>;

  explicit CallUpdate(control::v1::WatchCallsResponse message) : message_(std::move(message)) {}

  const control::v1::WatchCallsResponse& message() const { return message_; }
  // As text, which `write` makes when it is first asked for. Thread-safe.
  const Text& TextBy(const std::function<std::string(const control::v1::WatchCallsResponse&)>& write) const {
    std::call_once(written_, [&] { text_ = std::make_shared<const std::string>(write(message_)); });
    return text_;
  }

 private:
  const control::v1::WatchCallsResponse message_;
  mutable std::once_flag written_;
  mutable Text text_;
};

}  // namespace trunkline::gateway
