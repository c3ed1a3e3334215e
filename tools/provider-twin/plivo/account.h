// The accounts that may use the simulated API.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline::twin::plivo {

struct Account {
  std::string auth_id;
  std::string auth_token;
  std::set<std::string> numbers;  // if there are any, calls may come from these only
  bool active = true;
};

class Accounts {
 public:
  // Adds the account or replaces it.
  void Put(Account account);
  const Account* Find(std::string_view auth_id) const;
  // The first one that was added; null when there is none.
  const Account* Default() const;
  // The account of the path when the Authorization header proves the right to it; null otherwise.
  const Account* Authenticate(std::string_view path_id, std::string_view authorization) const;

 private:
  std::map<std::string, Account, std::less<>> accounts_;
  std::string default_id_;
};

// "MA…:token"; INVALID_ARGUMENT when it is not written so.
absl::StatusOr<Account> ParseAccount(std::string_view text);

}  // namespace trunkline::twin::plivo
