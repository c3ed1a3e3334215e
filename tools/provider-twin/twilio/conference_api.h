// /Conferences of the REST API, with their participants
// (https://www.twilio.com/docs/voice/api/conference-participant-resource).
#pragma once

#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/twilio/account.h"
#include "tools/provider-twin/twilio/exchange.h"

namespace trunkline::twin::twilio {

class ConferenceApi {
 public:
  // `exchange` outlives the object.
  explicit ConferenceApi(Exchange& exchange) : exchange_(exchange) {}

  // `path` is what follows the account: "Conferences", CF or name, "Participants", CA or label.
  http::Response Handle(const Account& account, const http::Request& request, const std::vector<std::string_view>& path,
                        const Form& query, const Form& form);

 private:
  http::Response List(const Account& account, const http::Request& request, const Form& query) const;
  http::Response Call(const Account& account, std::string_view room, const Form& form);
  http::Response Change(const ConferencePtr& conference, Participant& participant, const Form& form);

  Exchange& exchange_;
};

}  // namespace trunkline::twin::twilio
