// What a call plan must be before it is stored: every verb complete, every named step there, sizes bounded. What a
// provider's markup cannot say is the adapter's business.
#pragma once

#include <string_view>

#include "libs/base/field_checks.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::telephony {

// Notes what is wrong; `field` is the plan's path in the request ("plan").
void CheckCallPlan(const plans::v1::CallPlan& plan, std::string_view field, FieldChecks& checks);

}  // namespace trunkline::telephony
