// Plivo's V3 and V2 signatures, written from Plivo's description alone: the twin judges Trunkline's own code, so it
// shares none.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/encoding.h"

namespace trunkline::twin::plivo {

// `url` as it is asked, without the fragment; `form` is the decoded body, empty for GET.
std::string SignV3(std::string_view auth_token, std::string_view method, std::string_view url, const Form& form,
                   std::string_view nonce);
std::string SignV2(std::string_view auth_token, std::string_view url, std::string_view nonce);

}  // namespace trunkline::twin::plivo
