// What is true of calls now, for whoever judges what was read of them. Fields and words are those of the common call
// record; money is text with four decimals.
#pragma once

#include <cstdint>
#include <string>

#include "tools/provider-twin/tracking/account.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::tracking {

std::string TruthOf(const Platform& platform, const Account& account, uint32_t call);

}  // namespace trunkline::twin::tracking
