#include "libs/providers/sip/controls.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/ami/rules.h"
#include "libs/providers/sip/manager_errors.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::sip {
namespace {

constexpr int kRing = 4;
constexpr absl::Duration kKey = absl::Milliseconds(200);
constexpr absl::Duration kPause = absl::Milliseconds(500);
constexpr std::string_view kKeyMilliseconds = "120";
constexpr size_t kMostDigits = 64;
// Numbers are the same when this many digits at their end are: one may be written nationally.
constexpr size_t kTellingDigits = 7;

absl::Status Fail(calls::v1::CallErrorCode code, std::string_view message) {
  calls::v1::CallError error;
  error.set_code(code);
  error.set_message(std::string(message));
  return StatusOf(kProviderName, error);
}

absl::Status NotConfigured(std::string_view setting) {
  return Fail(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, Concat("the account has no ", setting));
}

bool IsSameNumber(std::string_view a, std::string_view b) {
  const size_t length = std::min({a.size(), b.size(), size_t{15}});
  if (length < kTellingDigits) return a == b && !a.empty();
  const size_t told = std::min(length, size_t{10});
  return a.substr(a.size() - told) == b.substr(b.size() - told);
}

// The exchange's count in an id like 1795171368.22; the ids that we give are those of first channels.
int64_t CountOf(const Leg& leg) {
  const size_t dot = leg.uniqueid.rfind('.');
  return dot == std::string::npos ? -1 : ParseInt(std::string_view(leg.uniqueid).substr(dot + 1)).value_or(-1);
}

// While an attended transfer is under way the customer is with nobody. The target came last, so who transfers is the
// older one.
bool IsOlder(const Leg& a, const Leg& b) { return a.age != b.age ? a.age > b.age : CountOf(a) < CountOf(b); }

ami::Action RedirectOf(const Sides& sides, const std::string& context, const std::string& exten,
                       const std::string& other_exten) {
  ami::Action action("Redirect");
  action.Add("Channel", sides.customer.channel).Add("Context", context).Add("Exten", exten).Add("Priority", "1");
  if (sides.other.channel.empty()) return action;
  action.Add("ExtraChannel", sides.other.channel)
      .Add("ExtraContext", context)
      .Add("ExtraExten", other_exten)
      .Add("ExtraPriority", "1");
  return action;
}

}  // namespace

absl::StatusOr<Sides> SidesOf(const std::vector<ami::Message>& channels, const LiveCall& call) {
  std::vector<Leg> legs = LegsOf(channels, call.external_call_id);
  const size_t all = legs.size();
  std::erase_if(legs, [](const Leg& leg) { return !leg.real; });
  if (legs.empty()) return Fail(calls::v1::CALL_ERROR_CODE_NOT_FOUND, "the call has no channel any more");
  const std::string& number = call.direction == calls::v1::CALL_DIRECTION_INBOUND ? call.from : call.to;
  auto customer =
      std::find_if(legs.begin(), legs.end(), [&](const Leg& leg) { return IsSameNumber(leg.number, number); });
  // The channel of a call that Trunkline dialled shows the caller id that it was dialled with. It is the call's first.
  if (customer == legs.end()) {
    customer = std::find_if(legs.begin(), legs.end(), [](const Leg& leg) { return leg.uniqueid == leg.linkedid; });
  }
  if (customer == legs.end()) customer = legs.begin();
  Sides sides{.customer = *customer, .other = {}};
  const auto is_with_customer = [&sides](const Leg& leg) {
    return !leg.bridge_id.empty() && leg.bridge_id == sides.customer.bridge_id;
  };
  for (const Leg& leg : legs) {
    if (leg.channel == sides.customer.channel) continue;
    const bool closer =
        is_with_customer(leg) != is_with_customer(sides.other) ? is_with_customer(leg) : IsOlder(leg, sides.other);
    if (sides.other.channel.empty() || closer) sides.other = leg;
  }
  sides.consulting = all > 2 && !sides.Together();
  return sides;
}

Controls::Controls(Manager& manager) : CallControls(kProviderName), manager_(manager) {}

absl::StatusOr<Sides> Controls::Find(const Account& account, const LiveCall& call) {
  if (!UsesManager(account)) return StatusOf(kProviderName, NoManagerError());
  TL_ASSIGN_OR_RETURN(const std::vector<ami::Message> channels, manager_.Channels(account));
  return SidesOf(channels, call);
}

absl::StatusOr<Leg> Controls::FindTransferer(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const Sides sides, Find(account, call));
  if (!sides.consulting) return Fail(calls::v1::CALL_ERROR_CODE_WRONG_STATE, "no attended transfer is under way");
  return sides.other;
}

absl::StatusOr<Controlled> Controls::Answer(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan) {
  if (plan.verbs_size() > 0) {
    return Fail(calls::v1::CALL_ERROR_CODE_REJECTED, "an exchange plays its own dialplan; the plan must be empty");
  }
  const std::string context = account.Setting("answer_context");
  if (context.empty()) return NotConfigured("answer_context");
  TL_ASSIGN_OR_RETURN(Sides sides, Find(account, call));
  if (sides.customer.state != kRing) return Fail(calls::v1::CALL_ERROR_CODE_WRONG_STATE, "the call does not ring");
  // Who rings for it now is left behind.
  sides.other = {};
  const std::string exten = SettingOr(account, "answer_exten", "s");
  TL_RETURN_IF_ERROR(manager_.Do(account, RedirectOf(sides, context, exten, exten)));
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::Hold(const Account& account, const LiveCall& call, std::string_view music_url) {
  if (!music_url.empty()) {
    return Fail(calls::v1::CALL_ERROR_CODE_REJECTED, "an exchange plays its own music; music_url must be empty");
  }
  TL_ASSIGN_OR_RETURN(const Sides sides, Find(account, call));
  if (account.Setting("hold_mode") == "park") {
    ami::Action park("Park");
    park.Add("Channel", sides.customer.channel);
    if (!sides.other.channel.empty()) park.Add("TimeoutChannel", sides.other.channel);
    if (!account.Setting("parking_lot").empty()) park.Add("Parkinglot", account.Setting("parking_lot"));
    TL_RETURN_IF_ERROR(manager_.Do(account, park));
    return Controlled{.provider_tells = true};
  }
  const std::string context = account.Setting("hold_context");
  if (context.empty()) return NotConfigured("hold_context");
  // Who was brought back is still at that place of the dialplan, but talks.
  if (sides.customer.context == context && !sides.Together()) return Controlled{};
  const std::string exten = SettingOr(account, "hold_exten", "s");
  TL_RETURN_IF_ERROR(
      manager_.Do(account, RedirectOf(sides, context, exten, SettingOr(account, "hold_wait_exten", exten))));
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::Resume(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const Sides sides, Find(account, call));
  if (sides.Together()) return Controlled{};
  if (sides.other.channel.empty()) {
    // Parked channels are in a bridge by themselves.
    const bool held = account.Setting("hold_mode") == "park"
                          ? !sides.customer.bridge_id.empty()
                          : sides.customer.context == account.Setting("hold_context");
    if (!held) return Controlled{};
    return Fail(calls::v1::CALL_ERROR_CODE_WRONG_STATE, "nobody waits for the customer");
  }
  TL_RETURN_IF_ERROR(manager_.Do(account, ami::Action("Bridge")
                                              .Add("Channel1", sides.customer.channel)
                                              .Add("Channel2", sides.other.channel)
                                              .Add("Tone", "no")));
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::Transfer(const Account& account, const LiveCall& call,
                                              const TransferRequest& request) {
  const bool own = IsOwnExtension(account.Setting("extensions"), request.target);
  if (!own && !telephony::IsE164(request.target)) {
    return Fail(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, "the target must be a number or one of the extensions");
  }
  const std::string context = SettingOr(account, "transfer_context", account.Setting("dial_context"));
  const std::string exten = own ? request.target : NumberToDial(account, request.target);
  TL_ASSIGN_OR_RETURN(const Sides sides, Find(account, call));
  const bool alone = sides.other.channel.empty();
  if (alone && request.attended) {
    return Fail(calls::v1::CALL_ERROR_CODE_WRONG_STATE, "the customer is connected to nobody who could talk first");
  }
  if (alone) {
    // Nobody has to leave: the customer goes there, and no event tells so.
    TL_RETURN_IF_ERROR(manager_.Do(account, RedirectOf(sides, context, exten, exten)));
    return Controlled{};
  }
  ami::Action action(request.attended ? "Atxfer" : "BlindTransfer");
  action.Add("Channel", sides.other.channel).Add("Exten", exten).Add("Context", context);
  TL_RETURN_IF_ERROR(manager_.Do(account, action));
  return Controlled{.provider_tells = true};
}

absl::StatusOr<Controlled> Controls::CompleteTransfer(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const Leg transferer, FindTransferer(account, call));
  TL_RETURN_IF_ERROR(manager_.Do(account, ami::Action("Hangup").Add("Channel", transferer.channel).Add("Cause", "16")));
  return Controlled{.provider_tells = true};
}

absl::StatusOr<Controlled> Controls::CancelTransfer(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const Leg transferer, FindTransferer(account, call));
  TL_RETURN_IF_ERROR(manager_.Do(account, ami::Action("CancelAtxfer").Add("Channel", transferer.channel)));
  return Controlled{.provider_tells = true};
}

absl::StatusOr<Controlled> Controls::JoinConference(const Account& account, const LiveCall& call,
                                                    const ConferenceRequest& request) {
  const std::string context = account.Setting("conference_context");
  if (context.empty()) return NotConfigured("conference_context");
  if (request.muted || !request.start_on_enter || request.end_on_exit) {
    return Fail(calls::v1::CALL_ERROR_CODE_REJECTED, "how a conference works is set in the exchange's dialplan");
  }
  TL_ASSIGN_OR_RETURN(const Sides sides, Find(account, call));
  TL_RETURN_IF_ERROR(manager_.Do(account, RedirectOf(sides, context, request.name, request.name)));
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::SendDigits(const Account& account, const LiveCall& call, std::string_view digits) {
  // All of them before the first is sent.
  const bool sendable = digits.size() <= kMostDigits && std::all_of(digits.begin(), digits.end(), [](char digit) {
                          return digit == 'w' || ami::IsDtmfDigit({&digit, 1});
                        });
  if (!sendable) return Fail(calls::v1::CALL_ERROR_CODE_REJECTED, "only up to 64 of 0-9 A-D * # and w can be sent");
  TL_ASSIGN_OR_RETURN(const Sides sides, Find(account, call));
  absl::StatusOr<std::unique_ptr<ami::Session>> session = manager_.Borrow(account);
  if (!session.ok()) return StatusOfSession(session.status());
  for (const char digit : digits) {
    absl::Duration pause = kPause;
    if (digit != 'w') {
      pause = kKey;
      const auto answer = (*session)->Ask(ami::Action("PlayDTMF")
                                              .Add("Channel", sides.customer.channel)
                                              .Add("Digit", Concat(digit))
                                              .Add("Duration", kKeyMilliseconds),
                                          manager_.timeout());
      if (!answer.ok()) return StatusOfSession(answer.status());
      TL_RETURN_IF_ERROR(StatusOfAnswer(*answer));
    }
    // The exchange answers before the key has sounded. The session hears no events, so this is the pause.
    const auto heard = (*session)->NextEvent(absl::Now() + pause);
    if (!heard.ok()) return StatusOfSession(heard.status());
  }
  manager_.Return(account, *std::move(session));
  return Controlled{};
}

}  // namespace trunkline::providers::sip
