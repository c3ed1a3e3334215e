// Control of calls in progress over the manager interface.
//
// An exchange has no hold: customer and other side are sent to extensions of the dialplan with music and with waiting,
// or the customer is parked. No attended transfer either but for an agent's own, which is completed by the agent's
// leaving.
#pragma once

#include <string>
#include <string_view>

#include "libs/providers/call_controls.h"
#include "libs/providers/sip/ami/action.h"
#include "libs/providers/sip/live_calls.h"
#include "libs/providers/sip/manager.h"

namespace trunkline::providers::sip {

// Both sides of a call as channels.
struct Sides {
  Leg customer;
  Leg other;  // without a name when the customer is alone with the dialplan
  // The other side talks to somebody else, or calls somebody: an attended transfer is under way.
  bool consulting = false;

  // They talk to each other.
  bool Together() const { return !customer.bridge_id.empty() && customer.bridge_id == other.bridge_id; }
};
// FAILED_PRECONDITION when the call is over. Names of the legs are those of the exchange.
absl::StatusOr<Sides> SidesOf(const std::vector<ami::Message>& channels, const LiveCall& call);

class Controls final : public CallControls {
 public:
  // `manager` outlives the controls.
  explicit Controls(Manager& manager);

  // Only with an empty plan: the exchange plays its own dialplan.
  absl::StatusOr<Controlled> Answer(const Account& account, const LiveCall& call,
                                    const plans::v1::CallPlan& plan) override;
  absl::StatusOr<Controlled> Hold(const Account& account, const LiveCall& call, std::string_view music_url) override;
  absl::StatusOr<Controlled> Resume(const Account& account, const LiveCall& call) override;
  absl::StatusOr<Controlled> Transfer(const Account& account, const LiveCall& call,
                                      const TransferRequest& request) override;
  absl::StatusOr<Controlled> CompleteTransfer(const Account& account, const LiveCall& call) override;
  absl::StatusOr<Controlled> CancelTransfer(const Account& account, const LiveCall& call) override;
  absl::StatusOr<Controlled> JoinConference(const Account& account, const LiveCall& call,
                                            const ConferenceRequest& request) override;
  absl::StatusOr<Controlled> SendDigits(const Account& account, const LiveCall& call, std::string_view digits) override;

 private:
  absl::StatusOr<Sides> Find(const Account& account, const LiveCall& call);
  // Of an attended transfer that is under way: the side that leaves when it is completed.
  absl::StatusOr<Leg> FindTransferer(const Account& account, const LiveCall& call);

  Manager& manager_;
};

}  // namespace trunkline::providers::sip
