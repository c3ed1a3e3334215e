// Times as Twilio writes them.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace trunkline::providers::twilio {

// "Tue, 03 Mar 2026 09:15:00 +0000" (RFC 2822, https://www.rfc-editor.org/rfc/rfc2822#section-3.3) of webhooks and of
// the REST API. Strict: nothing when anything is off, down to a 30th of February. A wrong day of the week is only off
// when it is no day at all.
std::optional<absl::Time> ParseRfc2822(std::string_view text);

// The Timestamp parameter: RFC 2822 on calls, ISO 8601 on media streams.
std::optional<absl::Time> ParseTimestamp(std::string_view text);

}  // namespace trunkline::providers::twilio
