// The fields of the governor's requests. INVALID_ARGUMENT names every wrong one.
#pragma once

#include "absl/status/status.h"
#include "trunkline/governor/v1/governor_service.pb.h"

namespace trunkline::governor {

absl::Status Check(const v1::AcquireSlotsRequest& request);
absl::Status Check(const v1::BindSlotRequest& request);
absl::Status Check(const v1::RenewSlotsRequest& request);
absl::Status Check(const v1::ReleaseSlotRequest& request);
absl::Status Check(const v1::ReleaseSlotsRequest& request);
absl::Status Check(const v1::SetLimitsRequest& request);
absl::Status Check(const v1::ExplainRequest& request);
absl::Status Check(const v1::NoteRefusalRequest& request);

}  // namespace trunkline::governor
