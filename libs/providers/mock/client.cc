#include "libs/providers/mock/client.h"

#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/script.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::mock {
namespace {

DialOutcome Problem(DialOutcome::Kind kind, calls::v1::CallErrorCode code, std::string_view message,
                    bool retryable = false) {
  DialOutcome outcome;
  outcome.kind = kind;
  outcome.error.set_code(code);
  outcome.error.set_message(std::string(message));
  outcome.error.set_retryable(retryable);
  return outcome;
}

bool IsPlaced(PlacingReply reply) {
  return reply != PlacingReply::kInvalidNumber && reply != PlacingReply::kErrorNotPlaced &&
         reply != PlacingReply::kTooManyRequests;
}

// What the one who asks gets to know.
DialOutcome OutcomeOf(PlacingReply reply, std::string external_call_id) {
  using Kind = DialOutcome::Kind;
  switch (reply) {
    case PlacingReply::kPlaced: {
      DialOutcome outcome;
      outcome.kind = Kind::kPlaced;
      outcome.external_call_id = std::move(external_call_id);
      return outcome;
    }
    case PlacingReply::kInvalidNumber:
      return Problem(Kind::kRejected, calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, "the number is not valid");
    case PlacingReply::kTooManyRequests:
      return Problem(Kind::kRejected, calls::v1::CALL_ERROR_CODE_RATE_LIMITED, "too many requests", true);
    case PlacingReply::kErrorButPlaced:
    case PlacingReply::kErrorNotPlaced:
      return Problem(Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_UNAVAILABLE, "the provider failed");
    case PlacingReply::kLostButPlaced:
      return Problem(Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_UNAVAILABLE, "the connection to the provider broke");
    case PlacingReply::kSlowButPlaced:
      return Problem(Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_TIMEOUT, "the provider did not answer in time");
  }
  return Problem(Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, "no such reply");
}

}  // namespace

Client::Client(Exchange& exchange) : CallClient(kProviderName), exchange_(exchange) {}

DialOutcome Client::PlaceCall(const Account& account, const DialRequest& request) {
  const PlacingReply reply = ScriptFor(request.to).reply;
  std::string id;
  if (IsPlaced(reply)) id = exchange_.Place(account, request.call_id, request.to, request.options);
  return OutcomeOf(reply, std::move(id));
}

std::vector<DialOutcome> Client::PlaceCalls(const Account& account, const BulkDialRequest& request) {
  std::vector<DialOutcome> outcomes;
  outcomes.reserve(request.to.size());
  for (const std::string& to : request.to) {
    outcomes.push_back(PlaceCall(
        account, {.call_id = telephony::CallIdOfBulk(request.bulk_id, to), .to = to, .options = request.options}));
  }
  return outcomes;
}

absl::StatusOr<ProviderCall> Client::FetchCall(const Account& account, std::string_view external_call_id) {
  return exchange_.Fetch(account, external_call_id);
}

absl::StatusOr<std::vector<ProviderCall>> Client::ListCalls(const Account& account, const CallFilter& filter) {
  return exchange_.List(account, filter);
}

absl::Status Client::EndCall(const Account& account, std::string_view external_call_id) {
  return exchange_.End(account, external_call_id);
}

absl::StatusOr<std::vector<AccountProblem>> Client::CheckAccount(const Account& account) {
  return CheckAccountForm(account);
}

}  // namespace trunkline::providers::mock
