// Call plans as Plivo XML (https://www.plivo.com/docs/voice/xml). Always well-formed, whatever text a plan holds:
// characters that XML cannot carry are left out, bytes that are no UTF-8 become U+FFFD.
//
// A verb with a step gets an action URL whose reply says how the call goes on. Without a step the action URL is only
// told (redirect="false"), and the next verb follows.
//
// A conference is a multi-party call, the kind of room that a live call can join and be held in.
//
// What Plivo has no element for: a queue and hold are conference rooms (rooms.h), except hold with music of its own,
// which is that music for ever, since a room's waiting music must be XML at a URL. For the same reason a conference's
// wait_music_url is left out, and so are pauses among the prompts of a gather that understands speech.
//
// A call that was asked for with a recording says so in the URL that asked (kRecordParameter).
#pragma once

#include <string>
#include <string_view>

#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

// `turn` tells this rendering from every other one (see kTurnParameter).
std::string RenderPlivoXml(const plans::v1::CallPlan& plan, const RenderContext& context, std::string_view turn);

// A document that says nothing: a callback is content with it, a call hangs up.
std::string EmptyPlivoXml();

}  // namespace trunkline::providers::plivo
