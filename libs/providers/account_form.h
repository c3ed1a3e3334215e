// Collects what is wrong with an account's settings and credentials, as far as their form tells.
//
//   AccountForm form(account);
//   form.RequireSetting("account_id");
//   form.CheckSetting("api_url", "must be an https URL", IsApiUrl);
//   return std::move(form).Problems();
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "libs/providers/account.h"
#include "libs/providers/call_client.h"

namespace trunkline::providers {

class AccountForm {
 public:
  // The account outlives the object.
  explicit AccountForm(const Account& account) : account_(account) {}

  // MISSING when it is empty.
  void RequireSetting(std::string_view name, std::string_view message = "is required");
  void RequireCredential(std::string_view name, std::string_view message = "is required");
  // MALFORMED when it is given and `is_right` refuses it.
  using Rule = std::function<bool(std::string_view)>;
  void CheckSetting(std::string_view name, std::string_view message, const Rule& is_right);
  void CheckCredential(std::string_view name, std::string_view message, const Rule& is_right);

  // A problem of another kind, with its reason in capitals. The message reads on after the name.
  void AddSetting(std::string_view name, std::string_view reason, std::string_view message);
  void AddCredential(std::string_view name, std::string_view reason, std::string_view message);

  std::vector<AccountProblem> Problems() && { return std::move(problems_); }

 private:
  const Account& account_;
  std::vector<AccountProblem> problems_;
};

// What HTTP Basic authentication and a form carry without being changed.
bool IsSecretText(std::string_view text);
// Two capital letters, like US.
bool IsRegionText(std::string_view text);

}  // namespace trunkline::providers
