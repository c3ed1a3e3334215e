// Exotel's errors in Trunkline's terms: HTTP statuses ("http status codes") and codes in the body ("Error Code
// Dictionary"), which are a number, a word, or missing.
#pragma once

#include <string>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::exotel {

// The error of an answer that is none of success. `code` is empty when the answer had none; the HTTP status decides
// then.
calls::v1::CallError ErrorOfAnswer(int http_status, std::string_view code, std::string_view message);

// Exotel's messages name phone numbers and hold links: without markup, and with all but the last two digits of long
// numbers masked.
std::string CleanMessage(std::string_view message);

}  // namespace trunkline::providers::exotel
