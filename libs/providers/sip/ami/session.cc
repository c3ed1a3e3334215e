#include "libs/providers/sip/ami/session.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/sip/ami/md5.h"

namespace trunkline::providers::sip::ami {
namespace {

constexpr std::string_view kGreeting = "Asterisk Call Manager/";
// Events that may wait while an answer is waited for. More means that the answer will not come.
constexpr size_t kMostWaiting = 200'000;
constexpr size_t kMostListed = 200'000;

// Of what failed after an action was sent.
absl::Status AfterSending(const absl::Status& status) {
  if (absl::IsDeadlineExceeded(status) || absl::IsCancelled(status)) return status;
  return absl::UnknownError(status.message());
}

}  // namespace

Session::Session(std::unique_ptr<Stream> stream)
    : stream_(std::move(stream)), id_prefix_(Concat("tl", HexEncode(RandomBytes(6)), "-")) {}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Endpoint& endpoint, const Login& login,
                                                       absl::Duration timeout, const StopSignal* stop) {
  const absl::Time deadline = absl::Now() + timeout;
  TL_ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, Connect(endpoint, deadline, stop));
  std::unique_ptr<Session> session(new Session(std::move(stream)));
  absl::Status status = session->Greet(deadline);
  if (status.ok()) status = session->LogIn(login, timeout);
  if (status.ok()) return session;
  const bool told = absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status) ||
                    absl::IsCancelled(status) || absl::IsInvalidArgument(status);
  // Nothing was asked for yet, so whatever broke can be tried again.
  return told ? status : absl::UnavailableError(status.message());
}

absl::Status Session::Greet(absl::Time deadline) {
  while (true) {
    TL_ASSIGN_OR_RETURN(const std::string bytes, stream_->Read(deadline));
    reader_.Feed(bytes);
    const absl::StatusOr<std::optional<std::string>> banner = reader_.Banner();
    if (!banner.ok()) return absl::FailedPreconditionError("what answers there is no manager interface");
    if (!banner->has_value()) continue;
    if (!(*banner)->starts_with(kGreeting)) {
      return absl::FailedPreconditionError("what answers there is no manager interface");
    }
    version_ = Trim(std::string_view(**banner).substr(kGreeting.size()));
    return absl::OkStatus();
  }
}

absl::Status Session::LogIn(const Login& login, absl::Duration timeout) {
  TL_ASSIGN_OR_RETURN(const Message challenge, Ask(Action("Challenge").Add("AuthType", "MD5"), timeout));
  if (!challenge.Succeeded()) return absl::PermissionDeniedError("no challenge is given");
  Action action("Login");
  action.Add("AuthType", "MD5")
      .Add("Username", login.username)
      .Add("Key", LoginKey(challenge.Get("Challenge"), login.secret))
      .Add("Events", login.events);
  TL_ASSIGN_OR_RETURN(const Message answer, Ask(action, timeout));
  return answer.Succeeded() ? absl::OkStatus() : absl::PermissionDeniedError("the login is refused");
}

std::string Session::NewActionId() { return Concat(id_prefix_, ++last_id_); }

absl::StatusOr<Message> Session::ReadMessage(absl::Time deadline) {
  while (true) {
    TL_ASSIGN_OR_RETURN(std::optional<Message> message, reader_.Next());
    if (message.has_value()) return *std::move(message);
    TL_ASSIGN_OR_RETURN(const std::string bytes, stream_->Read(deadline));
    reader_.Feed(bytes);
  }
}

absl::Status Session::Send(const Action& action, std::string_view action_id, absl::Time deadline) {
  TL_ASSIGN_OR_RETURN(const std::string bytes, action.Render(action_id));
  const absl::Status written = stream_->Write(bytes, deadline);
  // A part may have arrived, and the rest of it too.
  return written.ok() ? written : AfterSending(written);
}

absl::StatusOr<Message> Session::ReadUntil(const std::function<bool(const Message&)>& wanted, absl::Time deadline) {
  while (true) {
    absl::StatusOr<Message> message = ReadMessage(deadline);
    if (!message.ok()) return AfterSending(message.status());
    if (wanted(*message)) return message;
    if (!message->IsEvent()) continue;  // the late answer to what was given up
    if (events_.size() >= kMostWaiting) return absl::UnknownError("too many events before the answer");
    events_.push_back(*std::move(message));
  }
}

absl::StatusOr<Message> Session::Ask(const Action& action, absl::Duration timeout) {
  return AskAs(NewActionId(), action, timeout);
}

absl::StatusOr<Message> Session::AskAs(std::string_view action_id, const Action& action, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  TL_RETURN_IF_ERROR(Send(action, action_id, deadline));
  return ReadUntil(
      [action_id](const Message& message) { return message.IsResponse() && message.Get("ActionID") == action_id; },
      deadline);
}

absl::StatusOr<List> Session::AskList(const Action& action, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  const std::string id = NewActionId();
  TL_RETURN_IF_ERROR(Send(action, id, deadline));
  const auto is_ours = [&id](const Message& message) { return message.Get("ActionID") == id; };
  List list;
  TL_ASSIGN_OR_RETURN(
      list.response,
      ReadUntil([&](const Message& message) { return message.IsResponse() && is_ours(message); }, deadline));
  if (!list.response.Succeeded()) return list;
  while (list.items.size() < kMostListed) {
    TL_ASSIGN_OR_RETURN(
        Message item,
        ReadUntil([&](const Message& message) { return message.IsEvent() && is_ours(message); }, deadline));
    const std::string_view end = item.Get("EventList");
    if (EqualsIgnoreCase(end, "Complete")) return list;
    if (EqualsIgnoreCase(end, "cancelled")) return absl::UnknownError("the list broke off");
    list.items.push_back(std::move(item));
  }
  return absl::UnknownError("the list is too long");
}

absl::StatusOr<std::optional<Message>> Session::NextEvent(absl::Time until) {
  if (!events_.empty()) {
    std::optional<Message> event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  while (true) {
    absl::StatusOr<Message> message = ReadMessage(until);
    if (absl::IsDeadlineExceeded(message.status())) return std::optional<Message>();
    if (!message.ok()) return message.status();
    if (message->IsEvent()) return std::optional<Message>(*std::move(message));
  }
}

}  // namespace trunkline::providers::sip::ami
