// The fragment of a webhook URL by which customers tell Plivo how to connect: "#rc=3&rp=5xx,ct&ct=2000".
#pragma once

#include <string>
#include <string_view>

#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::plivo {

// The URL before '#'.
std::string_view WithoutFragment(std::string_view url);
// What the fragment asks for, in the limits that Plivo sets; its defaults for what is missing or malformed.
RetryPolicy ReadOverrides(std::string_view url);

}  // namespace trunkline::twin::plivo
