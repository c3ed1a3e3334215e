// Where a live call is a member: Plivo can only be asked room by room
// (https://www.plivo.com/docs/voice/api/conference, https://www.plivo.com/docs/voice/api/multiparty-call).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/providers/plivo/rest_api.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

struct Membership {
  bool multi_party = false;
  std::string room_url;  // with a slash at its end
  std::string member_id;
};

// Nothing when the call is in no room.
absl::StatusOr<std::optional<Membership>> FindMembership(RestApi& api, const Account& account,
                                                         std::string_view call_uuid);

}  // namespace trunkline::providers::plivo
