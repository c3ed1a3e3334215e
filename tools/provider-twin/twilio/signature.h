// X-Twilio-Signature, written from Twilio's description alone: the twin judges Trunkline's own code, so it shares none.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/encoding.h"

namespace trunkline::twin::twilio {

// `url` as it is asked, without the fragment. `form` is the decoded body; empty for GET.
std::string Sign(std::string_view auth_token, std::string_view url, const Form& form);

}  // namespace trunkline::twin::twilio
