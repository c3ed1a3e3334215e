// Conferences and multi-party calls: who is in which room, and how. Rooms close when the last member leaves.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/provider-twin/plivo/call.h"

namespace trunkline::twin::plivo {

struct Member {
  std::string id;
  std::weak_ptr<Call> call;
  std::string role;  // of a multi-party call
  bool muted = false;
  bool deaf = false;
  bool hold = false;
  bool ends_room = false;
  std::string played;
  Target callback;
};

struct Room {
  std::string auth_id;
  std::string name;
  std::string uuid;
  bool multi_party = false;
  std::list<Member> members;
};

class Rooms {
 public:
  // Opens the room where there is none of the name.
  Room& Enter(std::string_view auth_id, std::string_view name, bool multi_party, Member member);
  // Null when there is no such room. `key` is a name, or of a multi-party call "name_…" or "uuid_…".
  Room* Find(std::string_view auth_id, std::string_view key, bool multi_party);
  std::vector<const Room*> Of(std::string_view auth_id, bool multi_party) const;

  struct Left {
    Room room;  // as it was
    Member member;
  };
  // Takes the call out of every room.
  std::vector<Left> Leave(const Call& call);
  // What closes when the last one leaves is gone.
  void Clear() { rooms_.clear(); }

  // By id, by call ("all": every member).
  static std::vector<Member*> Select(Room& room, std::string_view members);

 private:
  std::list<Room> rooms_;
  int64_t next_member_ = 10;
};

std::string RenderConference(const Room& room);
std::string RenderMultiPartyCall(const Room& room);
std::string RenderParticipant(const Room& room, const Member& member);

}  // namespace trunkline::twin::plivo
