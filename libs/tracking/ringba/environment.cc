#include "libs/tracking/ringba/ringba.h"

namespace trunkline::tracking::ringba {

std::vector<EnvironmentVariable> EnvironmentVariables() {
  return {
      {"ACCOUNT_ID", AccountPart::kSetting, "account_id"},
      {"API_TOKEN_ENCRYPTED", AccountPart::kCredential, "api_token"},
      {"USERNAME", AccountPart::kCredential, "username"},
      {"PASSWORD_ENCRYPTED", AccountPart::kCredential, "password"},
      // Names of older documents, which took the account's id and token for a client's.
      {"CLIENT_ID", AccountPart::kSetting, "account_id"},
      {"CLIENT_SECRET_ENCRYPTED", AccountPart::kCredential, "api_token"},
  };
}

}  // namespace trunkline::tracking::ringba
