// What each kind of webhook tells (https://www.plivo.com/docs/voice/xml, a page for each element, and
// https://www.plivo.com/docs/voice/api/call for the rest).
#pragma once

#include "libs/providers/plivo/event_builder.h"

namespace trunkline::providers::plivo {

// call_events.cc: the life of a call.
Events EventsOfAnswer(const EventBuilder& builder);
Events EventsOfRing(const EventBuilder& builder);
Events EventsOfHangup(const EventBuilder& builder);
Events EventsOfMachineDetection(const EventBuilder& builder);

// input_events.cc
Events EventsOfGather(const EventBuilder& builder);

// dial_events.cc: the end of a <Dial>, and what happens to the legs that it dials.
Events EventsOfDial(const EventBuilder& builder);
Events EventsOfDialedLeg(const EventBuilder& builder);

// recording_events.cc
Events EventsOfRecordAction(const EventBuilder& builder);
Events EventsOfRecording(const EventBuilder& builder);
Events EventsOfTranscription(const EventBuilder& builder);

// room_events.cc
Events EventsOfConference(const EventBuilder& builder);
Events EventsOfMultiPartyCall(const EventBuilder& builder);
Events EventsOfStream(const EventBuilder& builder);

}  // namespace trunkline::providers::plivo
