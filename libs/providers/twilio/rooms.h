// The conferences that control of a call needs: Twilio can hold and bring together calls in conferences only
// (https://www.twilio.com/docs/voice/api/conference-participant-resource).
//
//   hold room   hold_room.h: nobody starts it, so whoever is in it hears music. The customer waits there, and beside
//               them the other side, if there is one.
//   call room   customer and other side talk, after a hold or while a sound was played, and so do the other side and
//               the target of an attended transfer. It ends when one of them leaves for good.
//
// Names are of the call's id, so that nothing about a call need be remembered between two requests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/encoding.h"
#include "libs/providers/twilio/hold_room.h"
#include "libs/providers/twilio/rest_api.h"

namespace trunkline::providers::twilio {

class Rooms {
 public:
  // `api` outlives the object.
  explicit Rooms(RestApi& api) : api_(api) {}

  // The id of the conference of that name that has not ended; nothing when there is none.
  absl::StatusOr<std::optional<std::string>> Find(const Account& account, const std::string& name);
  // `participant` is an external call id or a label.
  absl::StatusOr<bool> Has(const Account& account, std::string_view room_id, std::string_view participant);
  absl::Status Change(const Account& account, std::string_view room_id, std::string_view participant, const Form& form);
  // OK when there is no such participant.
  absl::Status Remove(const Account& account, std::string_view room_id, std::string_view participant);
  // Calls somebody into the room, which begins with it when it is not there.
  absl::Status Call(const Account& account, std::string_view room_name, const Form& form);

 private:
  RestApi& api_;
};

}  // namespace trunkline::providers::twilio
