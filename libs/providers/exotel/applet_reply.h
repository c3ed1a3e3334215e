// The replies to applets that ask what to do. An applet does one thing, so a plan is said one verb at a time:
//
//   connect   the plan's first Dial, as the parameters of the Connect applet; nobody to dial when it has none
//   greeting  what the plan says before anything else, as text; silence when it says nothing first
//   gather    the plan's first Gather, as the parameters of the Gather applet; no prompt when it has none
//   branch    200 when the plan goes on, 302 when it hangs up or refuses: the two ways out of a Passthru applet
//
// Everything else of a plan is the flow's own, which Exotel keeps.
// (https://support.exotel.com/support/solutions/articles/3000096873, .../3000084635, .../48283)
#pragma once

#include <string_view>

#include "libs/providers/webhook_receiver.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::providers::exotel {

HttpReply ReplyToApplet(std::string_view event, const plans::v1::CallPlan& plan);

}  // namespace trunkline::providers::exotel
