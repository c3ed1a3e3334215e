// An HTTP client for providers' APIs: keeps connections alive, follows no redirects, bounds time and size.
//
// The kind of error tells whether the request may have been carried out, which decides whether a call may be dialled
// again:
//   UNAVAILABLE         certainly not: name not resolved, connection refused, TLS handshake failed
//   DEADLINE_EXCEEDED   perhaps: no whole answer in time
//   UNKNOWN             perhaps: the connection broke after the request began
//   OUT_OF_RANGE        carried out, but the answer is larger than allowed
//   INVALID_ARGUMENT    never sent: not a URL, or not of an allowed scheme
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/ip_range.h"
#include "libs/http/message.h"

namespace trunkline::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  Headers headers = {};
  std::string body = {};
  // Basic authentication; kept out of the URL so that it cannot reach a log.
  std::string username = {};
  std::string password = {};
  absl::Duration timeout = absl::Seconds(10);
};

struct ClientOptions {
  absl::Duration connect_timeout = absl::Seconds(3);
  size_t max_body_bytes = 8 * 1024 * 1024;
  std::string user_agent = "Trunkline/1";
  // Asked for each address that a connection is to be made to, after its name was resolved; false: UNAVAILABLE. For
  // URLs that somebody else chose. Any thread; every address when unset.
  std::function<bool(const IpAddress&)> may_connect = {};
};

// Takes the body of an answer as it arrives, so that it never lies in memory as a whole.
struct BodySink {
  // Once, when the header is here: `head` has status and headers. False: the body of this answer goes into the Response
  // after all, as with Send().
  std::function<bool(const Response& head)> on_head;
  // Each piece in its order. May block, which holds up the other side. False breaks the transfer off: CANCELLED.
  std::function<bool(std::string_view piece)> on_piece;
};

// Thread-safe; every thread that waits in Send() uses a connection of its own, from a pool.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();

  // Any HTTP status is a success here. http and https URLs only.
  absl::StatusOr<Response> Send(const ClientRequest& request);
  // The same with a body that the sink takes, however large it is. The request's timeout bounds the time until the
  // header is here, and then each while in which nothing comes, but not the whole.
  absl::StatusOr<Response> Receive(const ClientRequest& request, const BodySink& sink);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trunkline::http
