#include "tools/provider-twin/plivo/account.h"

#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin::plivo {

void Accounts::Put(Account account) {
  if (default_id_.empty()) default_id_ = account.auth_id;
  std::string auth_id = account.auth_id;
  accounts_[std::move(auth_id)] = std::move(account);
}

const Account* Accounts::Find(std::string_view auth_id) const {
  const auto found = accounts_.find(auth_id);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Account* Accounts::Default() const { return Find(default_id_); }

const Account* Accounts::Authenticate(std::string_view path_id, std::string_view authorization) const {
  const Account* account = Find(path_id);
  if (account == nullptr || !account->active || !EqualsIgnoreCase(authorization.substr(0, 6), "basic ")) return nullptr;
  const auto credentials = Base64Decode(Trim(authorization.substr(6)));
  if (!credentials) return nullptr;
  const size_t colon = credentials->find(':');
  if (colon == std::string::npos) return nullptr;
  const std::string user = credentials->substr(0, colon);
  const std::string password = credentials->substr(colon + 1);
  return user == account->auth_id && password == account->auth_token ? account : nullptr;
}

absl::StatusOr<Account> ParseAccount(std::string_view text) {
  const size_t colon = text.find(':');
  if ((!text.starts_with("MA") && !text.starts_with("SA")) || colon == std::string_view::npos ||
      colon + 1 == text.size()) {
    return absl::InvalidArgumentError("an account is written MA…:token");
  }
  Account account;
  account.auth_id = text.substr(0, colon);
  account.auth_token = text.substr(colon + 1);
  return account;
}

}  // namespace trunkline::twin::plivo
