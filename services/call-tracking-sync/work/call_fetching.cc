#include "services/call-tracking-sync/work/call_fetching.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "libs/base/status.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::CallPage;
using tracking::PlatformCall;

absl::Status FetchOne(const tracking::TrackingPlatform& platform, const tracking::Account& account,
                      const std::string& id, FetchedCalls* fetched) {
  absl::StatusOr<tracking::Answer<PlatformCall>> answer = platform.Client().FetchCall(account, id);
  if (absl::IsNotFound(answer.status())) {
    fetched->unknown.push_back(id);
    return absl::OkStatus();
  }
  TL_RETURN_IF_ERROR(answer.status());
  fetched->receipt = answer->receipt;
  fetched->calls.push_back(std::move(answer->value));
  return absl::OkStatus();
}

absl::Status FetchMany(const tracking::TrackingPlatform& platform, const tracking::Account& account,
                       const std::vector<std::string>& ids, FetchedCalls* fetched) {
  TL_ASSIGN_OR_RETURN(CallPage page, platform.Client().FetchCalls(account, ids));
  std::set<std::string_view> told;
  for (const PlatformCall& call : page.items) told.insert(call.call.external_id);
  for (const std::string& id : ids) {
    if (!told.contains(id)) fetched->unknown.push_back(id);
  }
  fetched->receipt = page.receipt;
  std::move(page.items.begin(), page.items.end(), std::back_inserter(fetched->calls));
  return absl::OkStatus();
}

}  // namespace

int FetchBatchOf(const tracking::TrackingPlatform& platform) { return std::max(1, platform.Defaults().fetch_batch); }

absl::StatusOr<FetchedCalls> FetchCallsById(const tracking::TrackingPlatform& platform,
                                            const tracking::Account& account, const std::vector<std::string>& ids) {
  const size_t batch = static_cast<size_t>(FetchBatchOf(platform));
  FetchedCalls fetched;
  for (size_t at = 0; at < ids.size(); at += batch) {
    if (batch == 1) {
      TL_RETURN_IF_ERROR(FetchOne(platform, account, ids[at], &fetched));
      continue;
    }
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), at + batch));
    TL_RETURN_IF_ERROR(FetchMany(platform, account, {begin, end}, &fetched));
  }
  return fetched;
}

}  // namespace trunkline::tracking_sync
