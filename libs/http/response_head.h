// The bytes in front of a response's body.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/http/message.h"

namespace trunkline::http {

// Appends status line, headers and the empty line to `out`. Length and connection headers are the server's own: those
// of the response are left out. Line ends in header values become spaces, so that no value can add a header.
// `date` is an HTTP date; a date of the response itself stands in its place.
void AppendResponseHead(const Response& response, bool keep_alive, std::string_view date, std::string& out);

// How far the body reaches of a response whose own is empty.
enum class StreamEnd { kLength, kChunks, kClose };
// The same for a body that follows piece by piece; `bytes` is its length where that is told.
void AppendStreamHead(const Response& response, StreamEnd end, uint64_t bytes, bool keep_alive, std::string_view date,
                      std::string& out);

// False for the statuses that must not have a body (RFC 9110: 1xx, 204, 304).
bool StatusHasBody(int status);

// True when the handler asked for the end of the connection.
bool AsksToClose(const Response& response);

}  // namespace trunkline::http
