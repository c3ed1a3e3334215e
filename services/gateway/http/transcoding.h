// Between JSON and the messages of a method, by protobuf's own mapping: names in camelCase, times as RFC 3339,
// durations as "3.5s", enums by name. What a request may not hold is refused, with its name.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/gateway/http/route.h"

namespace trunkline::gateway {

// A request as it came.
struct HttpQuestion {
  const std::map<std::string, std::string>& path_parameters;
  std::string_view query;            // not decoded
  std::string_view body;             // JSON; an empty one is {}
  std::string_view idempotency_key;  // becomes request_id, where the method has that and the body does not
};

// The JSON of any message. Fields that are not set are there with their defaults, except messages and those that proto
// calls optional.
absl::StatusOr<std::string> JsonOf(const google::protobuf::Message& message);

// The serialized request of the route's method. INVALID_ARGUMENT INVALID_FIELD names what is wrong, as JSON calls it.
absl::StatusOr<std::string> RequestOf(const Route& route, const HttpQuestion& question);

// Fills in the parameters of a query, by the names of the message's fields. INVALID_ARGUMENT INVALID_FIELD.
absl::Status ReadQueryInto(std::string_view query, google::protobuf::Message* message);

// The JSON of the method's serialized response.
absl::StatusOr<std::string> JsonOf(const Route& route, const std::string& response);

}  // namespace trunkline::gateway
