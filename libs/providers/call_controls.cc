#include "libs/providers/call_controls.h"

#include "libs/providers/provider_status.h"

namespace trunkline::providers {

absl::StatusOr<Controlled> CallControls::Update(const Account& /*account*/, const LiveCall& /*call*/,
                                                const plans::v1::CallPlan& /*plan*/) {
  return Unsupported(provider_, v1::FEATURE_UPDATE_CALL);
}

absl::StatusOr<Controlled> CallControls::Answer(const Account& /*account*/, const LiveCall& /*call*/,
                                                const plans::v1::CallPlan& /*plan*/) {
  return Unsupported(provider_, v1::FEATURE_ANSWER);
}

absl::StatusOr<Controlled> CallControls::Hold(const Account& /*account*/, const LiveCall& /*call*/,
                                              std::string_view /*music_url*/) {
  return Unsupported(provider_, v1::FEATURE_HOLD);
}

absl::StatusOr<Controlled> CallControls::Resume(const Account& /*account*/, const LiveCall& /*call*/) {
  return Unsupported(provider_, v1::FEATURE_HOLD);
}

absl::StatusOr<Controlled> CallControls::Transfer(const Account& /*account*/, const LiveCall& /*call*/,
                                                  const TransferRequest& request) {
  return Unsupported(provider_, request.attended ? v1::FEATURE_ATTENDED_TRANSFER : v1::FEATURE_BLIND_TRANSFER);
}

absl::StatusOr<Controlled> CallControls::CompleteTransfer(const Account& /*account*/, const LiveCall& /*call*/) {
  return Unsupported(provider_, v1::FEATURE_ATTENDED_TRANSFER);
}

absl::StatusOr<Controlled> CallControls::CancelTransfer(const Account& /*account*/, const LiveCall& /*call*/) {
  return Unsupported(provider_, v1::FEATURE_ATTENDED_TRANSFER);
}

absl::StatusOr<Controlled> CallControls::JoinConference(const Account& /*account*/, const LiveCall& /*call*/,
                                                        const ConferenceRequest& /*request*/) {
  return Unsupported(provider_, v1::FEATURE_CONFERENCE);
}

absl::StatusOr<Controlled> CallControls::SendDigits(const Account& /*account*/, const LiveCall& /*call*/,
                                                    std::string_view /*digits*/) {
  return Unsupported(provider_, v1::FEATURE_SEND_DIGITS);
}

absl::StatusOr<Controlled> CallControls::Play(const Account& /*account*/, const LiveCall& /*call*/,
                                              const PlayRequest& /*request*/) {
  return Unsupported(provider_, v1::FEATURE_PLAY);
}

absl::StatusOr<Controlled> CallControls::StopPlaying(const Account& /*account*/, const LiveCall& /*call*/) {
  return Unsupported(provider_, v1::FEATURE_PLAY);
}

}  // namespace trunkline::providers
