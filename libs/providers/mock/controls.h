// Control of calls of the made-up exchange.
#pragma once

#include "libs/providers/mock/exchange.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

class Controls final : public CallControls {
 public:
  // `exchange` outlives the object.
  explicit Controls(Exchange& exchange);

  absl::StatusOr<Controlled> Update(const Account& account, const LiveCall& call,
                                    const plans::v1::CallPlan& plan) override;
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
  absl::StatusOr<Controlled> Play(const Account& account, const LiveCall& call, const PlayRequest& request) override;
  absl::StatusOr<Controlled> StopPlaying(const Account& account, const LiveCall& call) override;

 private:
  Exchange& exchange_;
};

}  // namespace trunkline::providers::mock
