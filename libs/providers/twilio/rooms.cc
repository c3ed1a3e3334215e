#include "libs/providers/twilio/rooms.h"

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/paged_list.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

std::string ParticipantUrl(const Account& account, std::string_view room, std::string_view participant) {
  return ResourceUrl(
      account, Concat("/Conferences/", PercentEncode(room), "/Participants/", PercentEncode(participant), ".json"));
}

absl::Status StatusOfAnswer(const absl::StatusOr<RestAnswer>& answer) {
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  return answer->IsSuccess() ? absl::OkStatus() : StatusOf(*answer);
}

}  // namespace

absl::StatusOr<std::optional<std::string>> Rooms::Find(const Account& account, const std::string& name) {
  std::optional<std::string> found;
  const std::string url = ResourceUrl(account, Concat("/Conferences.json?", EncodeForm({{"FriendlyName", name}})));
  TL_RETURN_IF_ERROR(ReadList(api_, account, url, "conferences", [&](const nlohmann::json& room) {
    const bool ended = JsonText(room, "status") == "completed";
    if (!ended && JsonText(room, "friendly_name") == name) found = JsonText(room, "sid");
    return absl::OkStatus();
  }));
  return found;
}

absl::StatusOr<bool> Rooms::Has(const Account& account, std::string_view room_id, std::string_view participant) {
  absl::Status status = StatusOfAnswer(api_.Get(account, ParticipantUrl(account, room_id, participant)));
  if (status.code() == absl::StatusCode::kNotFound) return false;
  if (!status.ok()) return status;
  return true;
}

absl::Status Rooms::Change(const Account& account, std::string_view room_id, std::string_view participant,
                           const Form& form) {
  return StatusOfAnswer(api_.Post(account, ParticipantUrl(account, room_id, participant), form));
}

absl::Status Rooms::Remove(const Account& account, std::string_view room_id, std::string_view participant) {
  const absl::Status status = StatusOfAnswer(api_.Delete(account, ParticipantUrl(account, room_id, participant)));
  return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
}

absl::Status Rooms::Call(const Account& account, std::string_view room_name, const Form& form) {
  const std::string url = ResourceUrl(account, Concat("/Conferences/", PercentEncode(room_name), "/Participants.json"));
  return StatusOfAnswer(api_.Post(account, url, form));
}

}  // namespace trunkline::providers::twilio
