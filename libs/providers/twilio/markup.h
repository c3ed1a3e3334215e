// Call plans as TwiML (https://www.twilio.com/docs/voice/twiml). Always well-formed, whatever text a plan holds:
// characters that XML cannot carry are left out, bytes that are no UTF-8 become U+FFFD.
//
// A verb with a step gets an action URL of that step. A <Dial> or <Enqueue> without one goes on with the next verb; at
// the end of a plan it gets an action URL all the same, whose webhook tells how the verb went and is answered with
// nothing.
#pragma once

#include <string>

#include "libs/providers/provider.h"

namespace trunkline::providers::twilio {

std::string RenderTwiml(const plans::v1::CallPlan& plan, const RenderContext& context);

// A document that says nothing: a status callback is content with it, a call hangs up.
std::string EmptyTwiml();

}  // namespace trunkline::providers::twilio
