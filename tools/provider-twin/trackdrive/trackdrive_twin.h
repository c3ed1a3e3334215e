// TrackDrive: lists by a cursor made of a time, an envelope around every answer, subscriptions, soft deletion.
#pragma once

#include <memory>

#include "tools/provider-twin/tracking/platform.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::trackdrive {

std::unique_ptr<tracking::Platform> MakePlatform(const World& world);

}  // namespace trunkline::twin::trackdrive
