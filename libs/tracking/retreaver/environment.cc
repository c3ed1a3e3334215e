#include "libs/tracking/retreaver/retreaver.h"

namespace trunkline::tracking::retreaver {

std::vector<EnvironmentVariable> EnvironmentVariables() {
  return {
      {"COMPANY_ID", AccountPart::kSetting, "company_id"},
      {"API_KEY_ENCRYPTED", AccountPart::kCredential, "api_key"},
      {"DATA_WRITING_POSTBACK_KEY_ENCRYPTED", AccountPart::kCredential, "data_writing_postback_key"},
  };
}

}  // namespace trunkline::tracking::retreaver
