// Clients of limiters that are asked over a connection of their own: a thread for each.
#pragma once

#include "tests/bench/load/slot_load_settings.h"
#include "tests/bench/load/slot_tally.h"

namespace trunkline::bench {

// A limiter in Redis: two sorted sets of leases, that of all slots and that of the business, read and changed by one
// script. The scripts of a batch go as one pipeline.
void AskRedis(const SlotLoadSettings& settings, SlotTally& tally);

// The limiter that comes to mind first: in one transaction the rows of the two limits are locked, the slots in use are
// counted, and one is added; in another it is taken away. The tables are naive_limits and naive_slots; see
// ../benchmark/slot_peers.py.
void AskPostgres(const SlotLoadSettings& settings, SlotTally& tally);

}  // namespace trunkline::bench
