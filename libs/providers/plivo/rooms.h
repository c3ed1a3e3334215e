// Conference rooms. Plivo has neither hold nor queues in its XML: both are a room of the call's own that nobody starts,
// where music plays until the call gets other instructions or somebody joins
// (https://www.plivo.com/docs/voice/xml/conference). A room's name has letters and digits only.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::providers::plivo {

// A name as Plivo takes it: any other character becomes an x and its two hexadecimal digits.
std::string RoomName(std::string_view name);

std::string HoldRoomOf(std::string_view call_id);
bool IsHoldRoom(std::string_view room);

// Each caller waits alone, or callers would hear each other: whoever serves the queue joins the caller's room.
std::string QueueRoomOf(std::string_view queue, std::string_view call_id);
bool IsQueueRoom(std::string_view room);

}  // namespace trunkline::providers::plivo
