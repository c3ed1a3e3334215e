// What is known of an order of a number after the platform was asked, and what must be done next.
//
// Pure. A number costs money, so an order whose answer was lost is never simply sent again: the platform's list of
// numbers tells what came of it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/tracking/platform_client.h"
#include "trunkline/tracking/v1/tracking_number_service.pb.h"

namespace trunkline::tracking_sync {

enum class OrderAnswer {
  kBought,
  kNotBought,  // refused: there will be no number
  kNotSent,    // the request was held back: nothing was asked
  kTryLater,   // refused for now
  kUnknown,    // it may have been bought
};
// Of PlatformClient::ProvisionNumber.
OrderAnswer AnswerOf(const absl::Status& status);

// A number in the platform's list, and since when we know of it.
struct ListedNumber {
  tracking::TrackingNumber number;
  absl::Time first_seen_at;
};

struct OrderInDoubt {
  tracking::v1::NumberWish wish = {};
  int attempts = 1;         // that may have been sent
  absl::Time sent_at = {};  // the first of them
};

struct Settlement {
  enum class Step {
    kAdopt,    // it gave `number`
    kRepeat,   // it gave none: it may be sent once more
    kGiveUp,   // it gave none, twice
    kRelease,  // it gave `number`, which was not tied to the wished campaign, and is not to be kept so
    kReview,   // it may have given any of `candidates`
  };
  Step step = Step::kReview;
  tracking::TrackingNumber number;
  std::vector<std::string> warnings;    // with kAdopt: "not_tied"
  std::vector<std::string> candidates;  // E.164
};

// `listed` is the whole list. An order's number is one that was not known before it was sent, that the platform gave no
// earlier than that (its clock may be some minutes off), and that has the wished campaign and publisher or none.
Settlement Settle(const OrderInDoubt& order, const std::vector<ListedNumber>& listed);

}  // namespace trunkline::tracking_sync
