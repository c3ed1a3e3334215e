// Twilio's REST API: calls and recordings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/rest_log.h"
#include "tools/provider-twin/twilio/account.h"
#include "tools/provider-twin/twilio/conference_api.h"
#include "tools/provider-twin/twilio/exchange.h"

namespace trunkline::twin::twilio {

// An answer and how it reaches the client.
struct RestAnswer {
  http::Response response;
  bool lost = false;     // the connection closes without it
  absl::Duration delay;  // beside the general latency
  std::string call_sid;  // of the call that was placed
};

class RestApi {
 public:
  // All outlive the object.
  RestApi(World& world, const Accounts& accounts, CallStore& store, Exchange& exchange);

  RestAnswer Handle(const http::Request& request);

  const RestLog& log() const { return log_; }
  void Reset() { log_.Clear(); }

 private:
  using Path = std::vector<std::string_view>;

  RestAnswer Route(const http::Request& request, const Form& query, const Form& form);
  RestAnswer CreateCall(const Account& account, const Form& form);
  http::Response Calls(const Account& account, const http::Request& request, const Path& path, const Form& form);
  http::Response UpdateCall(const CallPtr& call, const Form& form);
  http::Response DeleteCall(const CallPtr& call);
  http::Response Recordings(const Account& account, const http::Request& request, std::string_view call_sid,
                            std::string_view recording_sid, const Form& query, const Form& form);
  http::Response CreateRecording(const CallPtr& call, const Form& form);
  http::Response UpdateRecording(const RecordingPtr& recording, const Form& form);
  http::Response Render(int status, const Call& call) const;

  World& world_;
  const Accounts& accounts_;
  CallStore& store_;
  Exchange& exchange_;
  ConferenceApi conference_api_;
  RestLog log_;
};

}  // namespace trunkline::twin::twilio
