// What the control API is asked for, read from JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/tracking/account.h"
#include "tools/provider-twin/tracking/generator.h"
#include "tools/provider-twin/tracking/life.h"

namespace trunkline::twin::tracking {

// {"count","from","to","seed","connected","converted","talk_seconds":[5,600]}; `usual_seed` without one.
// INVALID_ARGUMENT names what is wrong, as of all functions here.
absl::StatusOr<CallWish> ReadCallWish(const Json& json, uint64_t usual_seed);
// "webhooks": "none", "news" or "all".
absl::StatusOr<Telling> ReadTelling(const Json& json, Telling usual);

struct ToldCall {
  std::string id;
  Call call;
  std::map<std::string, std::string> tags;
};
// {"id","caller","number","destination","started_at","wait_seconds","talk_seconds","revenue","payout","cost",
// "converted","tags","changed_at"}. Numbers and targets are added to the catalogue.
absl::StatusOr<ToldCall> ReadCall(const Json& json, Account& account);

struct ChangeWish {
  double percent = 0;
  std::vector<ChangeKind> kinds;
  int64_t from_ms = 0;
  int64_t to_ms = 0;
  int64_t over_ms = 0;
  bool tells = true;
};
// {"percent","kinds":["money",...],"from","to","over_seconds","webhooks":true}
absl::StatusOr<ChangeWish> ReadChangeWish(const Json& json);

// RFC 3339, or unix seconds.
std::optional<int64_t> ReadTime(const Json& json, const char* name);

}  // namespace trunkline::twin::tracking
