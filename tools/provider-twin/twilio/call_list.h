// GET /Calls.json: filters and pages.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/twilio/call_store.h"

namespace trunkline::twin::twilio {

// `path` is the request's path, for the links; `price_delay` is how long after a call's end its price is known.
http::Response ListCalls(const CallStore& store, std::string_view account_sid, std::string_view path, const Form& query,
                         absl::Time now, absl::Duration price_delay);

}  // namespace trunkline::twin::twilio
