// What becomes of a contact when an attempt has ended.
#pragma once

#include <span>

#include "absl/time/time.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

inline constexpr absl::Duration kUsualRetryDelay = absl::Hours(1);
inline constexpr absl::Duration kUsualRedialDelay = absl::Minutes(1);  // after not_dialed

// The cap above all rules: attempts for one contact.
int AttemptCap(const v1::RetryPolicy& policy);

// False for not_dialed, which counts for no cap.
bool CountsAsAttempt(v1::Disposition ending);
// How many of a contact's attempts count: Contact.attempts.
int AttemptsThatCount(std::span<const v1::Disposition> endings);

struct NextStep {
  v1::ContactState state = v1::CONTACT_STATE_UNSPECIFIED;  // waiting, reached or exhausted
  absl::Time due_at = absl::InfiniteFuture();              // set while it waits
};

// `endings` are those of all attempts of the contact, the one that has just ended last; it is not empty. An ending that
// is not known is treated like failed.
NextStep AfterAttempt(const v1::RetryPolicy& policy, std::span<const v1::Disposition> endings, absl::Time ended_at);

}  // namespace trunkline::scheduler
