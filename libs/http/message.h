// HTTP messages, as both the server and the client see them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value of a header, whatever the case of its name; empty when there is none.
std::string_view FindHeader(const Headers& headers, std::string_view name);

// A request that the server received.
struct Request {
  std::string method;  // "GET", "POST", ...
  std::string target;  // as it was sent: path and query, nothing decoded
  Headers headers;     // names in lower case
  std::string body;
  std::string peer_address;  // the address of the other end of the connection, without port

  std::string_view Path() const;   // the target before '?', not decoded
  std::string_view Query() const;  // the target after '?', not decoded
  std::string_view Header(std::string_view name) const { return FindHeader(headers, name); }
};

struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};
};

// A response with a JSON body.
Response JsonResponse(int status, std::string body);
// {"error":{"code":CODE,"message":MESSAGE}}: the one shape of Trunkline's HTTP errors. `code` is UPPER_SNAKE.
Response ErrorResponse(int status, std::string_view code, std::string_view message);

}  // namespace trunkline::http
