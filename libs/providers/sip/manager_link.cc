#include "libs/providers/sip/manager_link.h"

#include <poll.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/call_id.h"
#include "libs/providers/sip/live_calls.h"
#include "libs/providers/sip/manager_errors.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::sip {
namespace {

// Without `dialplan`, which is half of all traffic; machine detection is heard with the variables of `dialplan` only,
// and told of by exchanges whose users hear those.
constexpr std::string_view kEvents = "system,call,agent,dtmf,reporting,cdr";
// How long an exchange that still starts is waited for. It says when it is ready, to users who may hear so.
constexpr absl::Duration kStarting = absl::Seconds(2);

TrackerOptions OptionsOf(const Account& account) {
  TrackerOptions options;
  options.default_region = account.Setting("default_region");
  options.recording_url = RecordingUrlOf(account);
  options.answer_context = account.Setting("answer_context");
  options.agent_first = RingsAgentFirst(account);
  options.is_extension = [patterns = account.Setting("extensions")](std::string_view text) {
    return IsOwnExtension(patterns, text);
  };
  return options;
}

}  // namespace

ManagerLink::ManagerLink(Account account, LinkSink& sink, LinkTimes times)
    : account_(std::move(account)),
      sink_(sink),
      times_(times),
      tracker_(OptionsOf(account_)),
      backoff_(times.first_pause, times.largest_pause),
      thread_([this] { Run(); }) {}

ManagerLink::~ManagerLink() {
  stop_.Stop();
  thread_.join();
}

void ManagerLink::Run() {
  while (!stop_.stopped()) {
    const absl::Status ended = Hear();
    if (stop_.stopped() || absl::IsCancelled(ended)) return;
    sink_.OnState(StatusOfSession(ended));
    if (!Pause(backoff_.Next())) return;
  }
}

bool ManagerLink::Pause(absl::Duration length) {
  pollfd wanted = {.fd = stop_.descriptor(), .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, static_cast<int>(absl::ToInt64Milliseconds(length))) == 0;
}

absl::StatusOr<std::unique_ptr<ami::Session>> ManagerLink::Open() {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<ami::Session> session,
                      ami::Session::Open(EndpointOf(account_), LoginOf(account_, kEvents), times_.answer, &stop_));
  const absl::Time until = absl::Now() + kStarting;
  while (true) {
    TL_ASSIGN_OR_RETURN(const std::optional<ami::Message> event, session->NextEvent(until));
    // What comes before is in the list that is asked for next.
    if (!event.has_value() || event->Event() == "FullyBooted") return session;
  }
}

absl::Status ManagerLink::Resync(ami::Session& session) {
  TL_ASSIGN_OR_RETURN(const ami::List list, session.AskList(ami::Action("CoreShowChannels"), times_.answer));
  if (!list.response.Succeeded()) return absl::PermissionDeniedError("the list of channels is refused");
  const absl::Time now = absl::Now();
  tracker_.Resync(list.items);
  sink_.OnLiveCalls(LiveCallsOf(list.items, account_, now), now);
  return absl::OkStatus();
}

absl::Status ManagerLink::Hear() {
  TL_ASSIGN_OR_RETURN(const std::unique_ptr<ami::Session> session, Open());
  TL_RETURN_IF_ERROR(Resync(*session));
  sink_.OnState(absl::OkStatus());
  backoff_.Reset();
  absl::Time next_ping = absl::Now() + times_.ping;
  while (true) {
    TL_ASSIGN_OR_RETURN(const std::optional<ami::Message> event, session->NextEvent(next_ping));
    if (event.has_value()) {
      PassOn(*event);
      if (event->Event() == "Shutdown") return absl::UnavailableError("the exchange is shutting down");
    }
    if (stop_.stopped()) return absl::CancelledError("stopped");
    if (absl::Now() < next_ping) continue;
    TL_RETURN_IF_ERROR(session->Ask(ami::Action("Ping"), times_.answer).status());
    next_ping = absl::Now() + times_.ping;
  }
}

void ManagerLink::PassOn(const ami::Message& event) {
  const absl::Time now = absl::Now();
  for (const CallContext& context : tracker_.OnEvent(event, now)) {
    webhooks::v1::RawWebhook message;
    message.set_provider(std::string(kProviderName));
    message.set_provider_account_id(account_.id);
    message.set_business_id(account_.business_id);
    message.set_event(ToStorableText(Lower(event.Event())));
    message.set_call_id(CallIdOf(account_.id, context.external_call_id));
    *message.mutable_received_at() = telephony::ToProto(now);
    message.mutable_link()->set_content_type(std::string(kLinkContentType));
    message.mutable_link()->set_body(event.text() + WriteContext(context));
    sink_.OnMessage(std::move(message));
  }
}

}  // namespace trunkline::providers::sip
