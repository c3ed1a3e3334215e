// What the exchange refuses.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/base/text.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::mock {

inline absl::Status Refuse(calls::v1::CallErrorCode code, std::string_view message) {
  calls::v1::CallError error;
  error.set_code(code);
  error.set_message(std::string(message));
  return StatusOf(kProviderName, error);
}

inline absl::Status NoSuch(std::string_view what) {
  return Refuse(calls::v1::CALL_ERROR_CODE_NOT_FOUND, Concat("there is no such ", what));
}
inline absl::Status WrongState(std::string_view message) {
  return Refuse(calls::v1::CALL_ERROR_CODE_WRONG_STATE, message);
}

}  // namespace trunkline::providers::mock
