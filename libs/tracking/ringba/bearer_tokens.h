// Bearer tokens of accounts that log in with a user and a password. They live for an hour and in memory only.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/tracking/rest_session.h"

namespace trunkline::tracking::ringba {

// Thread-safe. Of several threads that need a token of an account, one asks for it and the others wait.
class BearerTokens {
 public:
  // The session and the clock outlive the object.
  BearerTokens(RestSession& session, const Clock& clock) : session_(session), clock_(clock) {}

  // A token with at least a fifth of its life left: the one in memory, a refreshed one, or one of a new login. What it
  // costs is added to the receipt.
  absl::StatusOr<std::string> Get(const Account& account, Receipt* receipt);
  // After the platform refused this token: the next Get() brings another one.
  void Drop(const Account& account, const std::string& token);

 private:
  struct Held {
    std::mutex mutex;         // held while a token is asked for
    std::string credentials;  // digest of those that it was given for
    std::string token;
    std::string refresh_token;
    absl::Time renew_at = absl::InfinitePast();
  };

  Held& HeldOf(const Account& account);
  absl::Status Ask(const Account& account, const Form& form, Held* held, Receipt* receipt);

  RestSession& session_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Held> held_;  // by account id; a map keeps its elements in place
};

}  // namespace trunkline::tracking::ringba
