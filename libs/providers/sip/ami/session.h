// A manager session: connected, logged in by challenge, and then asked. For one thread at a time.
//
// Errors of what is asked
//   INVALID_ARGUMENT     refused by the rules; nothing was sent
//   UNAVAILABLE          nothing was sent
//   DEADLINE_EXCEEDED    sent, but no answer in time; the session is of no more use
//   UNKNOWN              sent, but the connection broke
//   CANCELLED            the owner was stopped
// An answer that says no is an answer, not an error.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/sip/ami/action.h"
#include "libs/providers/sip/ami/reader.h"
#include "libs/providers/sip/ami/stream.h"

namespace trunkline::providers::sip::ami {

struct Login {
  std::string username;
  std::string secret;
  std::string events = "off";  // mask of what is to be heard
};

// The answer to an action that lists something.
struct List {
  Message response;
  std::vector<Message> items;
};

class Session {
 public:
  // UNAVAILABLE when it cannot be reached, PERMISSION_DENIED when the login is refused, FAILED_PRECONDITION when what
  // answers there is no manager or TLS does not come about, INVALID_ARGUMENT, CANCELLED.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Endpoint& endpoint, const Login& login,
                                                       absl::Duration timeout, const StopSignal* stop);

  // The answer to the action. Events that come in between wait for NextEvent().
  absl::StatusOr<Message> Ask(const Action& action, absl::Duration timeout);
  // The same under an ActionID of the caller's, which later events will tell.
  absl::StatusOr<Message> AskAs(std::string_view action_id, const Action& action, absl::Duration timeout);
  // A list to its end. A list that breaks off is UNKNOWN. When the response says no there are no items.
  absl::StatusOr<List> AskList(const Action& action, absl::Duration timeout);

  // The next event; nothing when none comes until then. UNAVAILABLE when the connection has ended.
  absl::StatusOr<std::optional<Message>> NextEvent(absl::Time until);

  // "11.0.0"
  const std::string& version() const { return version_; }

 private:
  explicit Session(std::unique_ptr<Stream> stream);

  absl::Status Greet(absl::Time deadline);
  absl::Status LogIn(const Login& login, absl::Duration timeout);
  std::string NewActionId();
  // UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED.
  absl::StatusOr<Message> ReadMessage(absl::Time deadline);
  absl::Status Send(const Action& action, std::string_view action_id, absl::Time deadline);
  // Reads until a message is wanted; events before it wait.
  absl::StatusOr<Message> ReadUntil(const std::function<bool(const Message&)>& wanted, absl::Time deadline);

  std::unique_ptr<Stream> stream_;
  Reader reader_;
  std::deque<Message> events_;
  std::string version_;
  std::string id_prefix_;
  int64_t last_id_ = 0;
};

}  // namespace trunkline::providers::sip::ami
