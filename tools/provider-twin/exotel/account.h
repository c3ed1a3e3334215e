// The accounts that may use the simulated API.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline::twin::exotel {

struct Account {
  std::string sid;
  std::string api_key;
  std::string api_token;
};

class Accounts {
 public:
  // Adds the account or replaces it.
  void Put(Account account);
  const Account* Find(std::string_view sid) const;
  // The first one that was added; null when there is none.
  const Account* Default() const { return Find(default_sid_); }
  // The account of the path when the Authorization header proves the right to it; null otherwise.
  const Account* Authenticate(std::string_view path_sid, std::string_view authorization) const;

 private:
  std::map<std::string, Account, std::less<>> accounts_;
  std::string default_sid_;
};

// "SID:key:token"; INVALID_ARGUMENT when it is not written so.
absl::StatusOr<Account> ParseAccount(std::string_view text);

}  // namespace trunkline::twin::exotel
