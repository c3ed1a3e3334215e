#include "services/gateway/request/quota_errors.h"

#include "google/rpc/error_details.pb.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr absl::string_view kQuotaFailureUrl = "type.googleapis.com/google.rpc.QuotaFailure";

}  // namespace

absl::Status QuotaExceeded(Reason reason, const Quota& quota, std::optional<absl::Duration> wait) {
  const std::string subject = Concat(quota.subject_kind, ":", quota.subject);
  const std::string description = Concat(quota.limit, " is ", quota.most);
  absl::Status status =
      Error(absl::StatusCode::kResourceExhausted, reason,
            Concat(subject, " has used what it may: ", description, "; nothing was dialled"),
            {{Concat(quota.subject_kind, "_id"), quota.subject}, {"limit", quota.limit}, {"most", quota.most}});
  google::rpc::QuotaFailure failure;
  auto* violation = failure.add_violations();
  violation->set_subject(subject);
  violation->set_description(description);
  status.SetPayload(kQuotaFailureUrl, absl::Cord(failure.SerializeAsString()));
  return wait.has_value() ? WithRetryAfter(std::move(status), *wait) : status;
}

}  // namespace trunkline::gateway
