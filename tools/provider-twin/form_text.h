// Members of forms and queries that a twin was sent.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/encoding.h"

namespace trunkline::twin {

// Empty when the form has none of that name.
inline std::string FormText(const Form& form, std::string_view name) {
  return std::string(FindInForm(form, name).value_or(""));
}

}  // namespace trunkline::twin
