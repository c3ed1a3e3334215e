// How Ringba tells errors. Pure.
#pragma once

#include "libs/tracking/rest_session.h"

namespace trunkline::tracking::ringba {

// A RestSession::ErrorReader: rate limits by the body whatever the HTTP status is, stock, linked objects, unknown
// columns, and successes that are none.
void ReadError(const ApiAnswer& answer, v1::TrackingError* error);

}  // namespace trunkline::tracking::ringba
