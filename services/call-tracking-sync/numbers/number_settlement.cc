#include "services/call-tracking-sync/numbers/number_settlement.h"

#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::TrackingNumber;
using tracking::v1::NumberWish;
using Step = Settlement::Step;

constexpr absl::Duration kClocksApart = absl::Minutes(5);
constexpr int kMostAttempts = 2;

// Ids that the platform shows in another case are the same.
bool FitsOrIsBlank(const std::string& listed, const std::string& wished) {
  return listed.empty() || EqualsIgnoreCase(listed, wished);
}

bool IsTied(const TrackingNumber& number, const NumberWish& wish) {
  return EqualsIgnoreCase(number.campaign_id, wish.campaign_id());
}

bool CouldBe(const OrderInDoubt& order, const ListedNumber& listed) {
  const TrackingNumber& number = listed.number;
  if (number.number.empty() || number.status == tracking::NumberStatus::kReleased) return false;
  if (listed.first_seen_at <= order.sent_at) return false;
  if (number.provisioned_at.has_value() && *number.provisioned_at < order.sent_at - kClocksApart) return false;
  return FitsOrIsBlank(number.campaign_id, order.wish.campaign_id()) &&
         FitsOrIsBlank(number.publisher_id, order.wish.publisher_id());
}

}  // namespace

OrderAnswer AnswerOf(const absl::Status& status) {
  if (status.ok()) return OrderAnswer::kBought;
  if (!tracking::TrackingErrorOf(status).has_value()) return OrderAnswer::kNotSent;
  switch (tracking::CodeOf(status)) {
    case tracking::v1::TRACKING_ERROR_CODE_RATE_LIMITED:
      return OrderAnswer::kTryLater;
    case tracking::v1::TRACKING_ERROR_CODE_TIMEOUT:
    case tracking::v1::TRACKING_ERROR_CODE_NETWORK:
    case tracking::v1::TRACKING_ERROR_CODE_SERVER_ERROR:
    case tracking::v1::TRACKING_ERROR_CODE_MAINTENANCE:
    case tracking::v1::TRACKING_ERROR_CODE_BAD_RESPONSE:
      return OrderAnswer::kUnknown;
    default:
      return OrderAnswer::kNotBought;
  }
}

Settlement Settle(const OrderInDoubt& order, const std::vector<ListedNumber>& listed) {
  std::vector<TrackingNumber> found;
  for (const ListedNumber& candidate : listed) {
    if (CouldBe(order, candidate)) found.push_back(candidate.number);
  }
  Settlement settlement;
  if (found.empty()) {
    settlement.step = order.attempts < kMostAttempts ? Step::kRepeat : Step::kGiveUp;
    return settlement;
  }
  if (found.size() > 1) {
    settlement.step = Step::kReview;
    for (const TrackingNumber& number : found) settlement.candidates.push_back(number.number);
    return settlement;
  }
  settlement.number = found[0];
  settlement.step = Step::kAdopt;
  if (IsTied(found[0], order.wish)) return settlement;
  if (order.wish.keep_on_partial_failure()) {
    settlement.warnings.emplace_back("not_tied");
  } else {
    settlement.step = Step::kRelease;
  }
  return settlement;
}

}  // namespace trunkline::tracking_sync
