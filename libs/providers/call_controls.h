// What the gateway asks of a provider's adapter to control a call in progress.
//
// A call is a conversation: on one side the customer, on the other the call's plan or the party that the plan
// connected. An adapter overrides what its provider has; everything else answers Unsupported(). Functions fail as
// provider_status.h says: NOT_FOUND and FAILED_PRECONDITION when the call is over, or in no state for it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::providers {

// The call to control.
struct LiveCall {
  std::string call_id;
  std::string external_call_id;
  std::string from;
  std::string to;
  calls::v1::CallDirection direction = calls::v1::CALL_DIRECTION_UNSPECIFIED;
};

// What the provider agreed to.
struct Controlled {
  // True when the provider tells of the change by itself, by webhook or link. Else the gateway tells it.
  bool provider_tells = false;
};

struct TransferRequest {
  std::string target;     // E.164, "sip:" address, or an extension of the account's exchange
  std::string caller_id;  // shown to the target; empty: the call's own number
  absl::Duration ring_timeout = absl::Seconds(30);
  // Talk to the target first: the customer waits on hold until the transfer is completed or canceled.
  bool attended = false;
};

struct ConferenceRequest {
  std::string name;  // unique within the account
  bool muted = false;
  bool start_on_enter = true;
  bool end_on_exit = false;
};

// Either a file or a text.
struct PlayRequest {
  std::string url;
  std::string text;
  std::string language;  // of the text, BCP 47
  bool loop = false;
};

class CallControls {
 public:
  // `provider` is the name that Unsupported() tells.
  explicit CallControls(std::string_view provider) : provider_(provider) {}
  virtual ~CallControls() = default;

  // Gives the call new instructions, which replace those under way.
  virtual absl::StatusOr<Controlled> Update(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan);
  // Answers an inbound call that rings, with a plan.
  virtual absl::StatusOr<Controlled> Answer(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan);

  // The customer hears music and the other side stays. OK for a call that is on hold already. An empty `music_url` is
  // the provider's own music.
  virtual absl::StatusOr<Controlled> Hold(const Account& account, const LiveCall& call, std::string_view music_url);
  // OK for a call that is not on hold.
  virtual absl::StatusOr<Controlled> Resume(const Account& account, const LiveCall& call);

  // Connects the customer to the target instead of the other side, or begins to, when attended.
  virtual absl::StatusOr<Controlled> Transfer(const Account& account, const LiveCall& call,
                                              const TransferRequest& request);
  // Of an attended transfer that was begun: customer and target talk, the other side leaves.
  virtual absl::StatusOr<Controlled> CompleteTransfer(const Account& account, const LiveCall& call);
  // Of an attended transfer that was begun: the target leaves, the customer comes back.
  virtual absl::StatusOr<Controlled> CancelTransfer(const Account& account, const LiveCall& call);

  virtual absl::StatusOr<Controlled> JoinConference(const Account& account, const LiveCall& call,
                                                    const ConferenceRequest& request);

  // `digits` of 0-9 * # A-D, and w for half a second of silence.
  virtual absl::StatusOr<Controlled> SendDigits(const Account& account, const LiveCall& call, std::string_view digits);

  virtual absl::StatusOr<Controlled> Play(const Account& account, const LiveCall& call, const PlayRequest& request);
  virtual absl::StatusOr<Controlled> StopPlaying(const Account& account, const LiveCall& call);

 protected:
  const std::string& provider() const { return provider_; }

 private:
  const std::string provider_;
};

}  // namespace trunkline::providers
