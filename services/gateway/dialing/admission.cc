#include "services/gateway/dialing/admission.h"

#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr absl::string_view kErrorInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kLevels[] = "levels";

}  // namespace

bool AnotherAccountMayPass(const absl::Status& refusal) {
  if (ReasonOf(refusal) != Reason::REASON_LIMIT_REACHED) return false;
  const absl::optional<absl::Cord> payload = refusal.GetPayload(kErrorInfoUrl);
  google::rpc::ErrorInfo info;
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) return false;
  const auto levels = info.metadata().find(kLevels);
  if (levels == info.metadata().end() || levels->second.empty()) return false;
  for (const std::string_view level : Split(levels->second, ',')) {
    if (level != "provider_account" && level != "caller_number") return false;
  }
  return true;
}

}  // namespace trunkline::gateway
