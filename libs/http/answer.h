// What an exchange of the server comes to. Internal to the server.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "libs/http/body_pipe.h"
#include "libs/http/message.h"
#include "libs/http/web_socket.h"

namespace trunkline::http {

struct Answer {
  std::optional<Response> response = {};            // nothing, and no WebSocket: the connection is closed
  std::shared_ptr<WebSocket> web_socket = nullptr;  // what the connection becomes
  std::string subprotocol = {};
  std::shared_ptr<BodyPipe> body = nullptr;  // of the response, whose own is empty
  bool is_more_of_body = false;              // no answer, but news of the body of one
};

}  // namespace trunkline::http
