// A certificate that the twin makes for itself, for 127.0.0.1 and localhost.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace trunkline::twin::sip {

struct Certificate {
  std::string certificate_pem;
  std::string key_pem;
};

absl::StatusOr<Certificate> MakeCertificate();

}  // namespace trunkline::twin::sip
