// Plivo's REST API: calls, what is done with live ones, recordings and rooms.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/plivo/account.h"
#include "tools/provider-twin/plivo/exchange.h"
#include "tools/provider-twin/rest_log.h"

namespace trunkline::twin::plivo {

// An answer and how it reaches the client.
struct RestAnswer {
  http::Response response;
  bool lost = false;                            // the connection closes without it
  absl::Duration delay = absl::ZeroDuration();  // beside the general latency
  std::string call_uuid = {};                   // of the first call that was placed
};

class RestApi {
 public:
  // All outlive the object.
  RestApi(World& world, const Accounts& accounts, CallStore& store, Rooms& rooms, Exchange& exchange);

  RestAnswer Handle(const http::Request& request);

  const RestLog& log() const { return log_; }
  void Reset() { log_.Clear(); }

 private:
  // What a request is: its parts behind the account's id, its query and its body.
  struct Asked {
    const Account& account;
    std::string_view method;
    std::vector<std::string_view> path;
    const Form& query;
    const nlohmann::json& body;
  };

  RestAnswer Route(const http::Request& request, const Form& query, const nlohmann::json& body);
  RestAnswer CreateCalls(const Asked& asked);
  http::Response Calls(const Asked& asked);
  http::Response ListRecords(const Asked& asked);
  http::Response OneCall(const Asked& asked, const CallPtr& call);
  http::Response LiveCall(const Asked& asked, const CallPtr& call);
  http::Response Recordings(const Asked& asked);
  http::Response Conferences(const Asked& asked);
  http::Response MultiPartyCalls(const Asked& asked);
  http::Response AddParticipant(const Asked& asked, std::string_view room_key);
  http::Response Media(const Asked& asked, std::string_view file);

  World& world_;
  const Accounts& accounts_;
  CallStore& store_;
  Rooms& rooms_;
  Exchange& exchange_;
  RestLog log_;
};

}  // namespace trunkline::twin::plivo
