// Manager sessions for commands, apart from those that hear events. A session is kept for a while after its use: to log
// in anew for each command would take three more round trips. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "libs/providers/sip/ami/session.h"

namespace trunkline::providers::sip {

class Manager {
 public:
  explicit Manager(absl::Duration timeout) : timeout_(timeout) {}

  // A session for one thread, given back by Return() when nothing went wrong with it, and else ended by being dropped.
  // Fails as Session::Open(); FAILED_PRECONDITION for accounts without a manager.
  absl::StatusOr<std::unique_ptr<ami::Session>> Borrow(const Account& account);
  void Return(const Account& account, std::unique_ptr<ami::Session> session);

  // The answer to one action, with errors as of Session::Ask().
  absl::StatusOr<ami::Message> Ask(const Account& account, const ami::Action& action);
  // The exchange's channels; errors as statuses of provider_status.h.
  absl::StatusOr<std::vector<ami::Message>> Channels(const Account& account);
  // An action whose answer is only yes or no; errors as statuses of provider_status.h.
  absl::Status Do(const Account& account, const ami::Action& action);

  absl::Duration timeout() const { return timeout_; }

 private:
  struct Idle {
    std::unique_ptr<ami::Session> session;
    absl::Time since;
  };

  const absl::Duration timeout_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Idle>> idle_;  // by what a session depends on
};

}  // namespace trunkline::providers::sip
