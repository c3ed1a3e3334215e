// The parameters of a webhook, whatever it was sent as: the query of a GET, a form, a multipart form or JSON. Values
// below others are named as Exotel's forms name them: Legs[0][Status].
#pragma once

#include <optional>
#include <string_view>

#include "libs/base/encoding.h"
#include "libs/providers/webhook_receiver.h"

namespace trunkline::providers::exotel {

// The secret in our URLs.
inline constexpr std::string_view kTokenParameter = "token";

std::string_view QueryTextOf(std::string_view url);

// What Exotel tells: nothing of our own URL's parameters, and no values that stand for none ("", null, "null"). Nothing
// for a body that is not what its Content-Type says.
std::optional<Form> ReadParameters(std::string_view method, std::string_view url, std::string_view content_type,
                                   std::string_view body);

}  // namespace trunkline::providers::exotel
