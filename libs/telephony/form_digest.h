// Tells webhooks apart that have no id of their own.
#pragma once

#include <string>

#include "libs/base/encoding.h"

namespace trunkline::telephony {

// A stable digest of everything that the form says, whatever the order of its fields; for event ids.
std::string DigestOfForm(Form form);

}  // namespace trunkline::telephony
