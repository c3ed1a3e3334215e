// Names of the conferences that belong to one call; rooms.h tells what they are for.
//
// Hold is a conference of one. Twilio can hold a call in a conference only
// (https://www.twilio.com/docs/voice/api/conference-participant-resource): a room of the call's own, which nobody
// starts, plays music until the call gets other instructions.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/text.h"

namespace trunkline::providers::twilio {

inline constexpr std::string_view kHoldRoomPrefix = "trunkline-hold-";
inline constexpr std::string_view kCallRoomPrefix = "trunkline-call-";

inline std::string HoldRoomOf(std::string_view call_id) { return Concat(kHoldRoomPrefix, call_id); }
inline bool IsHoldRoom(std::string_view room) { return room.starts_with(kHoldRoomPrefix); }
inline std::string CallRoomOf(std::string_view call_id) { return Concat(kCallRoomPrefix, call_id); }
inline bool IsCallRoom(std::string_view room) { return room.starts_with(kCallRoomPrefix); }
// What stands behind the prefix; empty for rooms that are not of a call.
inline std::string_view CallOfRoom(std::string_view room) {
  if (IsHoldRoom(room)) return room.substr(kHoldRoomPrefix.size());
  return IsCallRoom(room) ? room.substr(kCallRoomPrefix.size()) : std::string_view();
}

}  // namespace trunkline::providers::twilio
