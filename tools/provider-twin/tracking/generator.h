// Makes calls from a seed: the same seed, the same calls.
#pragma once

#include <cstdint>

#include "tools/provider-twin/tracking/call.h"
#include "tools/provider-twin/tracking/catalogue.h"

namespace trunkline::twin::tracking {

struct CallWish {
  int64_t count = 0;
  int64_t from_ms = 0;  // they begin in [from, to), evenly but for some chance, in order
  int64_t to_ms = 0;
  uint64_t seed = 1;
  double connected = 0.7;   // share whose buyer answers
  double converted = 0.55;  // share of those that talked long enough
  int64_t least_talk_seconds = 5;
  int64_t most_talk_seconds = 600;
};

// The call of the wish with that index.
Call MakeCall(const CallWish& wish, int64_t index, const Catalogue& catalogue);

// What follows from a call's seed alone.
struct CallerPlace {
  const char* area_code;
  const char* state;
  const char* city;
  const char* zip;
};
const CallerPlace& PlaceOf(const Call& call);
// "google", "bing", ...; empty for a few.
const char* SourceOf(const Call& call);

}  // namespace trunkline::twin::tracking
