#include "libs/providers/sip/manager.h"

#include <iterator>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/crypto.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/manager_errors.h"

namespace trunkline::providers::sip {
namespace {

constexpr size_t kMostIdle = 4;  // of an account
constexpr absl::Duration kIdleTime = absl::Seconds(30);

// Everything that a session depends on, so that changed settings get a new one; digested, for it has the secret.
std::string KeyOf(const Account& account) {
  const ami::Endpoint endpoint = EndpointOf(account);
  const ami::Login login = LoginOf(account, "off");
  return Sha256(Concat(endpoint.host, '\0', endpoint.port, '\0', endpoint.tls ? 1 : 0, endpoint.verify ? 1 : 0, '\0',
                       endpoint.ca_file, '\0', login.username, '\0', login.secret));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ami::Session>> Manager::Borrow(const Account& account) {
  if (!UsesManager(account)) return absl::FailedPreconditionError("the account has no manager connection");
  const std::string key = KeyOf(account);
  while (true) {
    Idle idle;
    {
      const std::lock_guard lock(mutex_);
      const auto kept = idle_.find(key);
      if (kept == idle_.end() || kept->second.empty()) break;
      idle = std::move(kept->second.back());
      kept->second.pop_back();
    }
    if (absl::Now() - idle.since > kIdleTime) continue;
    // The exchange may have ended it meanwhile. To find out only when a call is placed would leave that in doubt.
    const auto pong = idle.session->Ask(ami::Action("Ping"), timeout_);
    if (pong.ok() && pong->Succeeded()) return std::move(idle.session);
  }
  return ami::Session::Open(EndpointOf(account), LoginOf(account, "off"), timeout_, nullptr);
}

void Manager::Return(const Account& account, std::unique_ptr<ami::Session> session) {
  const std::string key = KeyOf(account);
  const absl::Time now = absl::Now();
  const std::lock_guard lock(mutex_);
  // Also those of accounts that nobody asks for any more.
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    std::erase_if(entry->second, [now](const Idle& idle) { return now - idle.since > kIdleTime; });
    entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
  }
  std::vector<Idle>& kept = idle_[key];
  if (kept.size() < kMostIdle) kept.push_back({std::move(session), now});
}

absl::StatusOr<ami::Message> Manager::Ask(const Account& account, const ami::Action& action) {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<ami::Session> session, Borrow(account));
  absl::StatusOr<ami::Message> answer = session->Ask(action, timeout_);
  if (answer.ok()) Return(account, std::move(session));
  return answer;
}

absl::StatusOr<std::vector<ami::Message>> Manager::Channels(const Account& account) {
  absl::StatusOr<std::unique_ptr<ami::Session>> session = Borrow(account);
  if (!session.ok()) return StatusOfSession(session.status());
  absl::StatusOr<ami::List> list = (*session)->AskList(ami::Action("CoreShowChannels"), timeout_);
  if (!list.ok()) return StatusOfSession(list.status());
  Return(account, *std::move(session));
  TL_RETURN_IF_ERROR(StatusOfAnswer(list->response));
  return std::move(list->items);
}

absl::Status Manager::Do(const Account& account, const ami::Action& action) {
  const absl::StatusOr<ami::Message> answer = Ask(account, action);
  return answer.ok() ? StatusOfAnswer(*answer) : StatusOfSession(answer.status());
}

}  // namespace trunkline::providers::sip
