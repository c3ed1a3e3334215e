// Control of calls in progress over Plivo's REST API (https://www.plivo.com/docs/voice/api/call).
//
// A live call takes instructions from a URL only, and holds and connects only what is in a room:
//   Update         a plan of one verb that the API has a request for; a single `continue` moves the call to our URL of
//                  that step. Other plans are FAILED_PRECONDITION.
//   Hold, Resume   of a member of a conference (deaf, mute and music) or of a multi-party call. To hold a call that is
//   in
//                  neither is FAILED_PRECONDITION; there is nothing to resume, which is fine.
//   Transfer       blind: target and customer meet in a multi-party call of their own
#pragma once

#include <nlohmann/json.hpp>

#include "libs/providers/plivo/rest_api.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

class Controls final : public CallControls {
 public:
  // Both outlive the object.
  Controls(const ProviderOptions& options, RestApi& api, RecordingClient& recordings);

  absl::StatusOr<Controlled> Update(const Account& account, const LiveCall& call,
                                    const plans::v1::CallPlan& plan) override;
  absl::StatusOr<Controlled> Hold(const Account& account, const LiveCall& call, std::string_view music_url) override;
  absl::StatusOr<Controlled> Resume(const Account& account, const LiveCall& call) override;
  absl::StatusOr<Controlled> Transfer(const Account& account, const LiveCall& call,
                                      const TransferRequest& request) override;
  absl::StatusOr<Controlled> JoinConference(const Account& account, const LiveCall& call,
                                            const ConferenceRequest& request) override;
  absl::StatusOr<Controlled> SendDigits(const Account& account, const LiveCall& call, std::string_view digits) override;
  absl::StatusOr<Controlled> Play(const Account& account, const LiveCall& call, const PlayRequest& request) override;
  absl::StatusOr<Controlled> StopPlaying(const Account& account, const LiveCall& call) override;

 private:
  absl::StatusOr<Controlled> Post(const Account& account, const std::string& url, const nlohmann::json& body);
  // Changes nothing: OK for what is there.
  absl::StatusOr<Controlled> Get(const Account& account, const std::string& url);
  // OK for what is not there any more.
  absl::StatusOr<Controlled> Delete(const Account& account, const std::string& url);
  absl::StatusOr<Controlled> Continue(const Account& account, const LiveCall& call, std::string_view step);
  absl::StatusOr<Controlled> AddToRoom(const Account& account, const std::string& room_url, nlohmann::json participant);

  ProviderOptions options_;
  RestApi& api_;
  RecordingClient& recordings_;
};

}  // namespace trunkline::providers::plivo
