// Lists of the REST API, page by page (https://www.twilio.com/docs/usage/twilios-response#pagination).
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/providers/twilio/rest_api.h"

namespace trunkline::providers::twilio {

// Hands every object of the list to `take`, until it returns an error or the list ends. `member` is the list's name in
// the answer: "calls". A list that cannot be read to its end is an error.
absl::Status ReadList(RestApi& api, const Account& account, std::string url, std::string_view member,
                      const std::function<absl::Status(const nlohmann::json& object)>& take);

}  // namespace trunkline::providers::twilio
