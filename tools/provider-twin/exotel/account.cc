#include "tools/provider-twin/exotel/account.h"

#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin::exotel {

void Accounts::Put(Account account) {
  if (default_sid_.empty()) default_sid_ = account.sid;
  std::string sid = account.sid;
  accounts_[std::move(sid)] = std::move(account);
}

const Account* Accounts::Find(std::string_view sid) const {
  const auto found = accounts_.find(sid);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Account* Accounts::Authenticate(std::string_view path_sid, std::string_view authorization) const {
  const Account* account = Find(path_sid);
  if (account == nullptr || !EqualsIgnoreCase(authorization.substr(0, 6), "basic ")) return nullptr;
  const auto credentials = Base64Decode(Trim(authorization.substr(6)));
  return credentials == Concat(account->api_key, ":", account->api_token) ? account : nullptr;
}

absl::StatusOr<Account> ParseAccount(std::string_view text) {
  const auto parts = Split(text, ':');
  if (parts.size() != 3 || parts[0].empty() || parts[1].empty() || parts[2].empty()) {
    return absl::InvalidArgumentError("an account is written SID:key:token");
  }
  return Account{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
}

}  // namespace trunkline::twin::exotel
