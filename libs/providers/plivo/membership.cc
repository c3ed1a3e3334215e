#include "libs/providers/plivo/membership.h"

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::plivo {
namespace {

absl::StatusOr<nlohmann::json> Read(RestApi& api, const Account& account, const std::string& url) {
  absl::StatusOr<RestAnswer> answer = api.Get(account, url);
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  // A room that has just closed.
  if (answer->IsNotFound()) return nlohmann::json::object();
  if (!answer->IsSuccess()) return StatusOf(*answer);
  return std::move(answer->body);
}

// The member that is the call; nothing when the list has none.
std::optional<std::string> MemberIn(const nlohmann::json& members, std::string_view call_uuid) {
  if (!members.is_array()) return std::nullopt;
  for (const nlohmann::json& member : members) {
    std::string id = JsonText(member, "member_id");
    if (JsonText(member, "call_uuid") == call_uuid && IsPathId(id)) return id;
  }
  return std::nullopt;
}

nlohmann::json Member(const nlohmann::json& object, const char* name) {
  return object.is_object() && object.contains(name) ? object[name] : nlohmann::json();
}

absl::StatusOr<std::optional<Membership>> FindInConferences(RestApi& api, const Account& account,
                                                            std::string_view call_uuid) {
  TL_ASSIGN_OR_RETURN(const nlohmann::json list, Read(api, account, ResourceUrl(account, "/Conference/")));
  const nlohmann::json names = Member(list, "conferences");
  if (!names.is_array()) return std::optional<Membership>();
  for (const nlohmann::json& name : names) {
    if (!name.is_string()) continue;
    const std::string url =
        ResourceUrl(account, Concat("/Conference/", PercentEncode(name.get_ref<const std::string&>()), "/"));
    TL_ASSIGN_OR_RETURN(const nlohmann::json room, Read(api, account, url));
    if (auto member = MemberIn(Member(room, "members"), call_uuid); member.has_value()) {
      return std::optional(Membership{.multi_party = false, .room_url = url, .member_id = *std::move(member)});
    }
  }
  return std::optional<Membership>();
}

absl::StatusOr<std::optional<Membership>> FindInMultiPartyCalls(RestApi& api, const Account& account,
                                                                std::string_view call_uuid) {
  std::vector<std::string> rooms;
  TL_RETURN_IF_ERROR(api.ForEach(account, "/MultiPartyCall/", {{"status", "active"}}, [&](const nlohmann::json& room) {
    if (std::string uuid = JsonText(room, "mpc_uuid"); IsPathId(uuid)) rooms.push_back(std::move(uuid));
    return absl::OkStatus();
  }));
  for (const std::string& uuid : rooms) {
    const std::string url = ResourceUrl(account, Concat("/MultiPartyCall/uuid_", uuid, "/"));
    TL_ASSIGN_OR_RETURN(const nlohmann::json list,
                        Read(api, account, Concat(url, "Participant/?call_uuid=", PercentEncode(call_uuid))));
    if (auto member = MemberIn(Member(list, "objects"), call_uuid); member.has_value()) {
      return std::optional(Membership{.multi_party = true, .room_url = url, .member_id = *std::move(member)});
    }
  }
  return std::optional<Membership>();
}

}  // namespace

absl::StatusOr<std::optional<Membership>> FindMembership(RestApi& api, const Account& account,
                                                         std::string_view call_uuid) {
  for (const auto find : {FindInMultiPartyCalls, FindInConferences}) {
    TL_ASSIGN_OR_RETURN(std::optional<Membership> found, find(api, account, call_uuid));
    if (found.has_value()) return found;
  }
  return std::optional<Membership>();
}

}  // namespace trunkline::providers::plivo
