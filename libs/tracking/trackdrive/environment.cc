#include "libs/tracking/trackdrive/trackdrive.h"

namespace trunkline::tracking::trackdrive {

std::vector<EnvironmentVariable> EnvironmentVariables() {
  return {
      {"SUBDOMAIN", AccountPart::kSetting, "subdomain"},
      {"PUBLIC_KEY_ENCRYPTED", AccountPart::kCredential, "public_key"},
      {"PRIVATE_KEY_ENCRYPTED", AccountPart::kCredential, "private_key"},
  };
}

}  // namespace trunkline::tracking::trackdrive
