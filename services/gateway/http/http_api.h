// The HTTP/JSON API: other doors to the methods of the gRPC API. Who may do what, and what is wrong with a request, is
// said by the very methods; here is only what belongs to HTTP.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/work_queue.h"
#include "libs/http/server.h"
#include "libs/rpc/in_process_client.h"
#include "services/gateway/http/call_sockets.h"
#include "services/gateway/http/campaign_files.h"
#include "services/gateway/http/route.h"
#include "services/gateway/recordings/stored_recordings.h"

namespace trunkline::gateway {

class HttpApi {
 public:
  // Asks a method; as rpc::InProcessClient::Ask.
  using Ask = std::function<void(const rpc::InProcessCall& call, rpc::InProcessClient::Done done)>;
  struct Parts {  // all of them outlive the object
    Ask ask;
    CampaignFiles& campaign_files;
    WorkQueue& moving_files;  // of campaigns
    // Gives the sound behind a link to the sink; as StoredRecordings::Fetch.
    std::function<absl::Status(const std::string& recording_id, std::string_view query, std::string_view range,
                               providers::MediaSink& sink)>
        fetch;
    WorkQueue& fetching;
    // Opens a WebSocket; as CallSockets::Open.
    std::function<void(CallSockets::Question question, CallSockets::Done done)> watch;
    std::set<std::string> origins;  // whose pages browsers may let ask; empty: none
  };

  explicit HttpApi(Parts parts);

  // For http::Server: does not block.
  void Handle(http::Request request, http::Responder respond);

 private:
  class Answer;

  void AskMethod(const http::Request& request, const RouteMatch& match, const std::shared_ptr<Answer>& answer);
  void ImportContacts(http::Request request, const RouteMatch& match, const std::shared_ptr<Answer>& answer);
  void ExportCampaign(const http::Request& request, const RouteMatch& match, const std::shared_ptr<Answer>& answer);
  void OpenSocket(const http::Request& request, const RouteMatch& match, const std::shared_ptr<Answer>& answer);
  void SendMedia(const http::Request& request, const RouteMatch& match, const std::shared_ptr<Answer>& answer);
  // The origin of a request from a page that may ask; empty for everybody else.
  std::string AllowedOriginOf(const http::Request& request) const;

  const Parts parts_;
  const std::string document_;
};

}  // namespace trunkline::gateway
