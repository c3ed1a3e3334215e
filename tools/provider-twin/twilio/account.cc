#include "tools/provider-twin/twilio/account.h"

#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin::twilio {

void Accounts::Put(Account account) {
  if (default_sid_.empty()) default_sid_ = account.sid;
  std::string sid = account.sid;
  accounts_[std::move(sid)] = std::move(account);
}

const Account* Accounts::Find(std::string_view sid) const {
  const auto found = accounts_.find(sid);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Account* Accounts::Default() const { return Find(default_sid_); }

const Account* Accounts::Authenticate(std::string_view path_sid, std::string_view authorization) const {
  const Account* account = Find(path_sid);
  if (account == nullptr || !account->active || !EqualsIgnoreCase(authorization.substr(0, 6), "basic ")) return nullptr;
  const auto credentials = Base64Decode(Trim(authorization.substr(6)));
  if (!credentials) return nullptr;
  const size_t colon = credentials->find(':');
  if (colon == std::string::npos) return nullptr;
  const std::string user = credentials->substr(0, colon);
  const std::string password = credentials->substr(colon + 1);
  if (user == account->sid) return password == account->auth_token ? account : nullptr;
  const auto key = account->api_keys.find(user);
  return key != account->api_keys.end() && key->second == password ? account : nullptr;
}

absl::StatusOr<Account> ParseAccount(std::string_view text) {
  const size_t colon = text.find(':');
  if (!text.starts_with("AC") || colon == std::string_view::npos || colon + 1 == text.size()) {
    return absl::InvalidArgumentError("an account is written AC…:token");
  }
  Account account;
  account.sid = text.substr(0, colon);
  account.auth_token = text.substr(colon + 1);
  return account;
}

}  // namespace trunkline::twin::twilio
