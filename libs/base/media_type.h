// What a Content-Type header says a body is. Case does not matter, nor do parameters such as "; charset=utf-8".
#pragma once

#include <string_view>

namespace trunkline {

// application/json
bool IsJson(std::string_view content_type);
// application/x-www-form-urlencoded
bool IsForm(std::string_view content_type);

}  // namespace trunkline
