// Hands a file of a provider on to a sink, as it comes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/http/client.h"
#include "libs/providers/recording_client.h"

namespace trunkline::providers {

// True of the answers that TransferMedia gives to the sink: 200, 206 and 416.
bool IsMedia(const http::Response& response);

// Sends the request, with the range unless that is empty, and gives what is media to the sink; every other answer comes
// back with its body. `type_of` tells what kind of sound it is. Errors are those of http::Client::Receive.
absl::StatusOr<http::Response> TransferMedia(http::Client& client, http::ClientRequest request, std::string_view range,
                                             const std::function<std::string(const http::Response&)>& type_of,
                                             MediaSink& sink);

}  // namespace trunkline::providers
