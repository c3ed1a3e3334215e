#include "tools/provider-twin/plivo/rooms.h"

#include <algorithm>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {

Room& Rooms::Enter(std::string_view auth_id, std::string_view name, bool multi_party, Member member) {
  const std::string key = multi_party ? Concat("name_", name) : std::string(name);
  Room* room = Find(auth_id, key, multi_party);
  if (room == nullptr) {
    rooms_.push_back({.auth_id = std::string(auth_id),
                      .name = std::string(name),
                      .uuid = NewCallUuid(),
                      .multi_party = multi_party,
                      .members = {}});
    room = &rooms_.back();
  }
  member.id = Concat(next_member_++);
  room->members.push_back(std::move(member));
  return *room;
}

Room* Rooms::Find(std::string_view auth_id, std::string_view key, bool multi_party) {
  for (Room& room : rooms_) {
    if (room.auth_id != auth_id || room.multi_party != multi_party) continue;
    if (!multi_party && room.name == key) return &room;
    if (multi_party && (Concat("name_", room.name) == key || Concat("uuid_", room.uuid) == key)) return &room;
  }
  return nullptr;
}

std::vector<const Room*> Rooms::Of(std::string_view auth_id, bool multi_party) const {
  std::vector<const Room*> found;
  for (const Room& room : rooms_) {
    if (room.auth_id == auth_id && room.multi_party == multi_party) found.push_back(&room);
  }
  return found;
}

std::vector<Rooms::Left> Rooms::Leave(const Call& call) {
  std::vector<Left> left;
  for (Room& room : rooms_) {
    for (auto member = room.members.begin(); member != room.members.end();) {
      const CallPtr who = member->call.lock();
      if (who != nullptr && who.get() != &call) {
        ++member;
        continue;
      }
      if (who != nullptr) left.push_back({room, *member});
      member = room.members.erase(member);
    }
  }
  std::erase_if(rooms_, [](const Room& room) { return room.members.empty(); });
  return left;
}

std::vector<Member*> Rooms::Select(Room& room, std::string_view members) {
  std::vector<Member*> found;
  const auto wanted = Split(members, ',');
  for (Member& member : room.members) {
    const CallPtr call = member.call.lock();
    const bool named = std::any_of(wanted.begin(), wanted.end(), [&](std::string_view name) {
      return name == "all" || name == member.id || (call != nullptr && name == call->uuid);
    });
    if (named) found.push_back(&member);
  }
  return found;
}

std::string RenderConference(const Room& room) {
  Json json;
  json["api_id"] = NewCallUuid();
  json["conference_name"] = room.name;
  json["conference_run_time"] = "1";
  json["conference_member_count"] = Concat(room.members.size());
  json["members"] = Json::array();
  for (const Member& member : room.members) {
    const CallPtr call = member.call.lock();
    if (call == nullptr) continue;
    json["members"].push_back({{"muted", member.muted},
                               {"member_id", member.id},
                               {"deaf", member.deaf},
                               {"from", WireNumber(call->from)},
                               {"to", WireNumber(call->to)},
                               {"caller_name", call->from},
                               {"direction", ToText(call->direction)},
                               {"call_uuid", call->uuid},
                               {"join_time", "1"}});
  }
  return WriteJson(json);
}

std::string RenderMultiPartyCall(const Room& room) {
  return WriteJson(Json({{"mpc_uuid", room.uuid}, {"friendly_name", room.name}, {"status", "Active"}}));
}

std::string RenderParticipant(const Room& room, const Member& member) {
  const CallPtr call = member.call.lock();
  return WriteJson(Json({{"member_id", member.id},
                         {"call_uuid", call == nullptr ? "" : call->uuid},
                         {"mpc_uuid", room.uuid},
                         {"role", member.role},
                         {"hold", member.hold},
                         {"mute", member.muted},
                         {"coach_mode", false},
                         {"exit_cause", nullptr}}));
}

}  // namespace trunkline::twin::plivo
