// The twins of the platforms that take part.
#pragma once

#include "tests/tracking-conformance/twin_platform.h"

namespace trunkline::tracking_conformance {

// Every secret contains "planted".
TwinSetup RetreaverSetup();
TwinSetup RingbaSetup();
TwinSetup TrackDriveSetup();

}  // namespace trunkline::tracking_conformance
