// Clients of a GovernorService over gRPC's callbacks: no thread of theirs waits.
#pragma once

#include "tests/bench/load/slot_load_settings.h"
#include "tests/bench/load/slot_tally.h"

namespace trunkline::bench {

// Returns when the tally's time is over and every slot was given back.
void AskOverGrpc(const SlotLoadSettings& settings, SlotTally& tally);

}  // namespace trunkline::bench
