// How Exotel writes things.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::exotel {

// 32 hexadecimal digits.
std::string NewSid();
// "2026-01-15 14:25:10", in India.
std::string LocalTime(absl::Time time);
// "2026-01-15T14:25:10+05:30".
std::string ZonedTime(absl::Time time);
// "Thu, 15 Jan 2026 14:25:10", in India.
std::string DateTime(absl::Time time);
std::optional<absl::Time> ReadLocalTime(std::string_view text);
// 09876543210 for +919876543210; others as they are.
std::string National(std::string_view number);
// The other way round.
std::string International(std::string_view number);

std::string MultipartBody(const Form& form, std::string_view boundary);
// The parts of a multipart form; empty when it is none.
Form ReadMultipart(std::string_view content_type, std::string_view body);

// {"RestException":{...}}
http::Response RestException(int status, std::string_view code, std::string_view message);

// A webhook that tells something, with Exotel's retries: two, whatever went wrong.
Webhook Notification(std::string_view kind, std::string_view call_sid, std::string_view url);

}  // namespace trunkline::twin::exotel
