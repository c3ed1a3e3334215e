// Whose API key it is. Keys look like "tl_" and 43 characters of base64url; PostgreSQL holds their SHA-256 only.
//
// Answers are remembered for a while, so that a busy client costs no query for each of its calls; a revoked key goes on
// to work for at most that long. Unknown keys are remembered as well, so that guessing costs the database little.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"

namespace trunkline::access {

// True for the form of a key.
bool IsApiKey(std::string_view key);

class ApiKeyAuthenticator final : public rpc::Authenticator {
 public:
  struct Options {
    absl::Duration lifetime = absl::Seconds(30);  // of an answer
    size_t capacity = 10'000;                     // answers; the oldest makes room
  };

  // Both outlive the object.
  ApiKeyAuthenticator(postgres::Pool& pool, const Clock& clock, Options options);

  absl::StatusOr<rpc::Caller> Authenticate(std::string_view key) override;

 private:
  struct Answer {
    std::string digest;
    std::optional<rpc::Caller> caller;  // nothing: no such key
    absl::Time asked_at;
  };

  std::optional<Answer> Recall(const std::string& digest);
  void Remember(Answer answer);

  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
  std::mutex mutex_;
  std::list<Answer> answers_;  // oldest first
  std::map<std::string, std::list<Answer>::iterator, std::less<>> by_digest_;
};

}  // namespace trunkline::access
