// Control of calls in progress over Twilio's REST API
// (https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource).
//
// Twilio has one way to change a call, new instructions for one of its legs, and conferences. Whose other side is a
// leg that the plan dialled keeps it: both go into a room (rooms.h). Whose other side is only the plan hears it from
// its start again afterwards, for Twilio does not come back to where it was.
#pragma once

#include <string>
#include <vector>

#include "libs/providers/provider.h"
#include "libs/providers/twilio/rest_api.h"
#include "libs/providers/twilio/rooms.h"

namespace trunkline::providers::twilio {

class Controls final : public CallControls {
 public:
  // `api` outlives the object.
  Controls(const ProviderOptions& options, RestApi& api);

  // FAILED_PRECONDITION also for a plan whose TwiML is longer than the 4,000 characters that Twilio takes here.
  absl::StatusOr<Controlled> Update(const Account& account, const LiveCall& call,
                                    const plans::v1::CallPlan& plan) override;
  // Twilio answers an inbound call itself, with the first plan that is no rejection. This gives a call that such a plan
  // lets wait, on hold or in a queue, the plan that it waits for.
  absl::StatusOr<Controlled> Answer(const Account& account, const LiveCall& call,
                                    const plans::v1::CallPlan& plan) override;

  // Without another side the customer waits alone, and Resume() asks for the plan from its start.
  absl::StatusOr<Controlled> Hold(const Account& account, const LiveCall& call, std::string_view music_url) override;
  absl::StatusOr<Controlled> Resume(const Account& account, const LiveCall& call) override;

  absl::StatusOr<Controlled> Transfer(const Account& account, const LiveCall& call,
                                      const TransferRequest& request) override;
  absl::StatusOr<Controlled> CompleteTransfer(const Account& account, const LiveCall& call) override;
  absl::StatusOr<Controlled> CancelTransfer(const Account& account, const LiveCall& call) override;

  absl::StatusOr<Controlled> JoinConference(const Account& account, const LiveCall& call,
                                            const ConferenceRequest& request) override;
  // The customer hears the keys, which must be of 0-9 * # w: Twilio plays no others.
  absl::StatusOr<Controlled> SendDigits(const Account& account, const LiveCall& call, std::string_view digits) override;
  // The customer hears it; the other side waits in silence.
  absl::StatusOr<Controlled> Play(const Account& account, const LiveCall& call, const PlayRequest& request) override;
  absl::StatusOr<Controlled> StopPlaying(const Account& account, const LiveCall& call) override;

 private:
  // Gives a leg new instructions. `label` is the call's id, for the customer's leg, or empty.
  absl::Status Redirect(const Account& account, std::string_view external_call_id, std::string_view label,
                        const plans::v1::CallPlan& plan);
  // The customer's leg: what comes first, then the call room, or the plan from its start when nobody is there.
  absl::Status GoOn(const Account& account, const LiveCall& call, const plans::v1::CallPlan& first);
  // The legs in progress that the call's plan dialled.
  absl::StatusOr<std::vector<std::string>> OtherSides(const Account& account, const LiveCall& call);
  // Lets the customer out of the call room, if they are in it, without ending it for the others.
  absl::Status LetLeave(const Account& account, const LiveCall& call);
  // Brings the customer back from hold to whoever is in the call room.
  absl::Status BringBack(const Account& account, const LiveCall& call);

  ProviderOptions options_;
  RestApi& api_;
  Rooms rooms_;
};

}  // namespace trunkline::providers::twilio
