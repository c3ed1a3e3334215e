#include "libs/providers/sip/manager_client.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/call_id.h"
#include "libs/providers/sip/live_calls.h"
#include "libs/providers/sip/manager_errors.h"

namespace trunkline::providers::sip {
namespace {

constexpr int64_t kShortestRing = 1000;
constexpr int64_t kLongestRing = 300'000;

DialOutcome Rejected(calls::v1::CallError error) {
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kRejected;
  outcome.error = std::move(error);
  return outcome;
}

// The exchange was not asked.
DialOutcome OutcomeOfNoSession(const absl::Status& status) {
  if (absl::IsPermissionDenied(status)) return Rejected(ErrorOfAnswer("Authentication failed"));
  if (absl::IsUnavailable(status)) return OutcomeOfNoAnswer(status);
  calls::v1::CallError error;
  error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  error.set_message(std::string(ToStd(status.message())));
  return Rejected(std::move(error));
}

// The exchange was asked, or the request broke a rule of what may be sent.
DialOutcome OutcomeOfNoReply(const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return OutcomeOfNoAnswer(status);
  calls::v1::CallError error;
  error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  error.set_message(std::string(ToStd(status.message())));
  return Rejected(std::move(error));
}

// Calls of ours are listed without numbers (live_calls.h); whose they are their id tells.
bool Matches(const CallFilter& filter, const ProviderCall& call) {
  const bool ours = !call.call_id.empty();
  return (ours || filter.from.empty() || filter.from == call.from) &&
         (ours || filter.to.empty() || filter.to == call.to) && call.created_at >= filter.created_since &&
         call.created_at < filter.created_before;
}

}  // namespace

ami::Action OriginateOf(const Account& account, const DialRequest& request) {
  const std::string number = NumberToDial(account, request.to);
  const int64_t ring = std::clamp(absl::ToInt64Milliseconds(request.options.ring_timeout), kShortestRing, kLongestRing);
  ami::Action action("Originate");
  action.Add("Channel", FillIn(account.Setting("dial_string"), number))
      .Add("Context", account.Setting("dial_context"))
      .Add("Exten", FillIn(SettingOr(account, "dial_exten", "s"), number))
      .Add("Priority", SettingOr(account, "dial_priority", "1"))
      .Add("Timeout", Concat(ring))
      .Add("Async", "true")
      .Add("ChannelId", request.call_id)
      .Add("Variable", Concat("TRUNKLINE_CALL_ID=", request.call_id));
  // A Local channel has two halves, and both need a name of ours.
  if (account.Setting("dial_string").starts_with("Local/")) action.Add("OtherChannelId", request.call_id + ".2");
  if (!request.options.from.empty()) {
    action.Add("CallerID", Concat("<", NumberToDial(account, request.options.from), ">"));
  }
  if (request.options.record) action.Add("Variable", "TRUNKLINE_RECORD=1");
  if (request.options.detect_machine) action.Add("Variable", "TRUNKLINE_DETECT_MACHINE=1");
  if (request.options.time_limit.has_value()) {
    action.Add("Variable", Concat("TRUNKLINE_TIME_LIMIT=", absl::ToInt64Seconds(*request.options.time_limit)));
  }
  return action;
}

ManagerClient::ManagerClient(Manager& manager) : CallClient(kProviderName), manager_(manager) {}

DialOutcome ManagerClient::PlaceCall(const Account& account, const DialRequest& request) {
  if (!UsesManager(account)) return Rejected(NoManagerError());
  absl::StatusOr<std::unique_ptr<ami::Session>> session = manager_.Borrow(account);
  if (!session.ok()) return OutcomeOfNoSession(session.status());
  const auto answer = (*session)->AskAs(ActionIdOf(request.call_id), OriginateOf(account, request), manager_.timeout());
  if (!answer.ok()) return OutcomeOfNoReply(answer.status());
  manager_.Return(account, *std::move(session));
  if (!answer->Succeeded()) return Rejected(ErrorOfAnswer(answer->Get("Message")));
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kPlaced;
  outcome.external_call_id = request.call_id;
  return outcome;
}

absl::StatusOr<ProviderCall> ManagerClient::FetchCall(const Account& account, std::string_view external_call_id) {
  TL_ASSIGN_OR_RETURN(const std::vector<ami::Message> channels, manager_.Channels(account));
  const std::vector<Leg> legs = LegsOf(channels, external_call_id);
  for (ProviderCall& call : LiveCallsOf(channels, account, absl::Now())) {
    // The call may have been joined to an older one, whose id it has then.
    if (!legs.empty() && call.external_call_id == legs.front().linkedid) return std::move(call);
  }
  return StatusOf(kProviderName, ErrorOfAnswer("No such channel"));
}

absl::StatusOr<std::vector<ProviderCall>> ManagerClient::ListCalls(const Account& account, const CallFilter& filter) {
  TL_ASSIGN_OR_RETURN(const std::vector<ami::Message> channels, manager_.Channels(account));
  std::vector<ProviderCall> calls = LiveCallsOf(channels, account, absl::Now());
  std::erase_if(calls, [&](const ProviderCall& call) { return !Matches(filter, call); });
  return calls;
}

absl::Status ManagerClient::EndCall(const Account& account, std::string_view external_call_id) {
  TL_ASSIGN_OR_RETURN(const std::vector<ami::Message> channels, manager_.Channels(account));
  for (const Leg& leg : LegsOf(channels, external_call_id)) {
    const absl::Status ended =
        manager_.Do(account, ami::Action("Hangup").Add("Channel", leg.channel).Add("Cause", "16"));
    // With one side the other ends too.
    if (!ended.ok() && !absl::IsNotFound(ended)) return ended;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AccountProblem>> ManagerClient::CheckAccount(const Account& account) {
  std::vector<AccountProblem> problems;
  if (!UsesManager(account)) return problems;
  absl::StatusOr<std::unique_ptr<ami::Session>> session = manager_.Borrow(account);
  if (absl::IsPermissionDenied(session.status())) {
    return std::vector<AccountProblem>{
        {"credentials.ami_secret", "REFUSED", "the exchange refuses the user, its secret or this machine's address"}};
  }
  if (absl::IsFailedPrecondition(session.status())) {
    return std::vector<AccountProblem>{
        {"settings.ami_host", "REFUSED", std::string(ToStd(session.status().message()))}};
  }
  if (!session.ok()) return StatusOfSession(session.status());
  // Without a channel none of them does anything; an exchange says first whether the user might.
  const std::pair<std::string_view, std::string_view> asked[] = {
      {"Originate", "originate"}, {"Redirect", "call"}, {"CoreSettings", "reporting"}};
  for (const auto& [action, privilege] : asked) {
    const auto answer = (*session)->Ask(ami::Action(action), manager_.timeout());
    if (!answer.ok()) return StatusOfSession(answer.status());
    if (answer->Get("Message").starts_with("Permission denied")) {
      problems.push_back(
          {"credentials.ami_username", "MISSING_PRIVILEGE", Concat("the manager user needs write=", privilege)});
    }
  }
  manager_.Return(account, *std::move(session));
  return problems;
}

}  // namespace trunkline::providers::sip
