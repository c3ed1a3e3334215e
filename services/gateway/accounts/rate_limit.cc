#include "services/gateway/accounts/rate_limit.h"

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {

using postgres::Parameter;
using postgres::Result;

std::vector<RateLimit> RateLimitsOf(const accounts::v1::CallRates& rates) {
  std::vector<RateLimit> limits;
  const auto add = [&](std::string_view name, absl::Duration window, int64_t most) {
    if (most > 0) limits.push_back({.name = std::string(name), .window = window, .most = most});
  };
  add("calls_per_second", absl::Seconds(1), rates.per_second());
  add("calls_per_minute", absl::Minutes(1), rates.per_minute());
  add("calls_per_hour", absl::Hours(1), rates.per_hour());
  return limits;
}

absl::StatusOr<std::optional<RateRefusal>> TakeRate(postgres::Transaction& tx, std::string_view subject,
                                                    std::string_view business_id, const std::vector<RateLimit>& limits,
                                                    std::optional<absl::Time> at) {
  if (limits.empty()) return std::nullopt;
  std::vector<std::string> windows;
  std::vector<int64_t> most;
  for (const RateLimit& limit : limits) {
    windows.push_back(Concat(absl::ToInt64Seconds(limit.window), " seconds"));
    most.push_back(limit.most);
  }
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT refused_by, ceil(extract(epoch FROM wait) * 1000000)::bigint "
                                 "FROM take_rate($1, $2, $3::interval[], $4::bigint[], $5)",
                                 {subject, business_id, Parameter::Array(windows), Parameter::Array(most), at}));
  if (rows.IsNull(0, 0)) return std::nullopt;
  return RateRefusal{.limit = limits[static_cast<size_t>(rows.Integer(0, 0)) - 1],
                     .wait = absl::Microseconds(rows.Integer(0, 1))};
}

absl::StatusOr<std::vector<RateUse>> LookAtRate(postgres::Transaction& tx, std::string_view subject,
                                                const std::vector<RateLimit>& limits, std::optional<absl::Time> at) {
  std::vector<RateUse> uses;
  for (const RateLimit& limit : limits) {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute("WITH moment AS (SELECT coalesce($4, clock_timestamp()) AS at), taken AS ("
                   "SELECT count(*) FILTER (WHERE t.at > moment.at - $2::interval) AS used "
                   "FROM moment LEFT JOIN rate_takes t ON t.subject = $1) "
                   "SELECT taken.used, coalesce(ceil(extract(epoch FROM nth.at + $2::interval - moment.at) * 1000000)"
                   "::bigint, 0) FROM moment CROSS JOIN taken LEFT JOIN rate_counters c ON c.subject = $1 "
                   "LEFT JOIN rate_takes nth ON nth.subject = $1 AND nth.number = c.taken + 1 - $3 "
                   "AND nth.at > moment.at - $2::interval",
                   {subject, Concat(absl::ToInt64Seconds(limit.window), " seconds"), limit.most, at}));
    uses.push_back({.limit = limit, .used = rows.Integer(0, 0), .wait = absl::Microseconds(rows.Integer(0, 1))});
  }
  return uses;
}

}  // namespace trunkline::gateway
