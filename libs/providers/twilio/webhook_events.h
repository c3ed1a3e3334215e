// What each kind of webhook tells, one source file each (https://www.twilio.com/docs/voice/twiml, a page for each
// verb).
#pragma once

#include "libs/providers/twilio/event_builder.h"

namespace trunkline::providers::twilio {

// The call asks for its plan: it rings, was answered, or goes on with a step. A fallback asks for the same, and tells
// what went wrong before.
Events EventsOfVoice(const EventBuilder& builder);
// A step in the call's life. CallDuration is the time talked in seconds; Duration beside it counts minutes.
Events EventsOfStatus(const EventBuilder& builder);
Events EventsOfRecording(const EventBuilder& builder);
Events EventsOfMachineDetection(const EventBuilder& builder);
Events EventsOfGather(const EventBuilder& builder);
// The end of a leg that <Dial> called.
Events EventsOfDial(const EventBuilder& builder);
// The end of <Record>.
Events EventsOfRecordAction(const EventBuilder& builder);
Events EventsOfTranscription(const EventBuilder& builder);
Events EventsOfConference(const EventBuilder& builder);
// The caller waits in a queue. Asked again and again while it does; only the first tells something new.
Events EventsOfWait(const EventBuilder& builder);
// The caller left the queue.
Events EventsOfQueue(const EventBuilder& builder);
Events EventsOfStream(const EventBuilder& builder);
Events EventsOfRefer(const EventBuilder& builder);

}  // namespace trunkline::providers::twilio
