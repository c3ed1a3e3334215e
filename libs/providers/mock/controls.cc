#include "libs/providers/mock/controls.h"

#include "libs/base/status.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/exchange_errors.h"

namespace trunkline::providers::mock {
namespace {

constexpr std::string_view kKeys = "0123456789*#ABCDw";

absl::StatusOr<Controlled> Told(const absl::Status& status) {
  if (!status.ok()) return status;
  return Controlled{.provider_tells = true};
}

absl::StatusOr<Controlled> Untold(const absl::Status& status) {
  if (!status.ok()) return status;
  return Controlled{};
}

}  // namespace

Controls::Controls(Exchange& exchange) : CallControls(kProviderName), exchange_(exchange) {}

absl::StatusOr<Controlled> Controls::Update(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan) {
  return Untold(exchange_.Play(account, call, plan));
}

absl::StatusOr<Controlled> Controls::Answer(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan) {
  return Told(exchange_.Answer(account, call, plan));
}

absl::StatusOr<Controlled> Controls::Hold(const Account& account, const LiveCall& call,
                                          std::string_view /*music_url*/) {
  return Told(exchange_.Hold(account, call));
}

absl::StatusOr<Controlled> Controls::Resume(const Account& account, const LiveCall& call) {
  return Told(exchange_.Resume(account, call));
}

absl::StatusOr<Controlled> Controls::Transfer(const Account& account, const LiveCall& call,
                                              const TransferRequest& request) {
  return Told(exchange_.Transfer(account, call, request));
}

absl::StatusOr<Controlled> Controls::CompleteTransfer(const Account& account, const LiveCall& call) {
  return Told(exchange_.CompleteTransfer(account, call));
}

absl::StatusOr<Controlled> Controls::CancelTransfer(const Account& account, const LiveCall& call) {
  return Told(exchange_.CancelTransfer(account, call));
}

absl::StatusOr<Controlled> Controls::JoinConference(const Account& account, const LiveCall& call,
                                                    const ConferenceRequest& request) {
  return Told(exchange_.JoinConference(account, call, request));
}

absl::StatusOr<Controlled> Controls::SendDigits(const Account& account, const LiveCall& call, std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of(kKeys) != std::string_view::npos) {
    return Refuse(calls::v1::CALL_ERROR_CODE_REJECTED, "digits are 0-9 * # A-D and w");
  }
  return Untold(exchange_.CheckAnswered(account, call));
}

absl::StatusOr<Controlled> Controls::Play(const Account& account, const LiveCall& call, const PlayRequest& request) {
  if (request.url.empty() == request.text.empty()) {
    return Refuse(calls::v1::CALL_ERROR_CODE_REJECTED, "either a file or a text is played");
  }
  return Untold(exchange_.CheckAnswered(account, call));
}

absl::StatusOr<Controlled> Controls::StopPlaying(const Account& account, const LiveCall& call) {
  return Untold(exchange_.CheckAnswered(account, call));
}

}  // namespace trunkline::providers::mock
