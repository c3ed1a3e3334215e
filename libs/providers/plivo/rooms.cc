#include "libs/providers/plivo/rooms.h"

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::string_view kHoldPrefix = "trunklinehold";
constexpr std::string_view kQueuePrefix = "trunklinequeue";

bool IsPlain(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string WithoutDashes(std::string_view uuid) {
  std::string out;
  for (const char c : uuid) {
    if (IsPlain(c)) out.push_back(c);
  }
  return out;
}

}  // namespace

std::string RoomName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (IsPlain(c)) {
      out.push_back(c);
    } else {
      out += Concat("x", HexEncode(std::string_view(&c, 1)));
    }
  }
  return out;
}

std::string HoldRoomOf(std::string_view call_id) { return Concat(kHoldPrefix, WithoutDashes(call_id)); }
bool IsHoldRoom(std::string_view room) { return room.starts_with(kHoldPrefix); }

std::string QueueRoomOf(std::string_view queue, std::string_view call_id) {
  return Concat(kQueuePrefix, RoomName(queue), WithoutDashes(call_id));
}
bool IsQueueRoom(std::string_view room) { return room.starts_with(kQueuePrefix); }

}  // namespace trunkline::providers::plivo
