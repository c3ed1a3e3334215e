// The SQL of ListCalls: one page over the calls in progress, the calls that ended and the recent dials that neither has
// yet, in one statement and so in one snapshot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/field_checks.h"
#include "libs/base/page_token.h"
#include "libs/postgres/parameter.h"
#include "services/gateway/calls/dial_rows.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

// What the rows of a call consist of, for CallOfRow: of `calls` c (state), joined with dial_intents d.
std::string CallColumns();
inline constexpr int kCallColumns = 1 + kDialColumns;

struct CallListQuery {
  std::string sql;  // gives CallColumns(), then call_id and the time that the list is ordered by
  std::vector<postgres::Parameter> parameters;
};

// Notes wrong filters.
void CheckCallFilters(const control::v1::ListCallsRequest& request, FieldChecks& checks);

// At most `most` calls after a position. `now` bounds how far back dials are looked for.
CallListQuery MakeCallListQuery(const control::v1::ListCallsRequest& request, const std::optional<PagePosition>& after,
                                int most, absl::Time now);

}  // namespace trunkline::gateway
