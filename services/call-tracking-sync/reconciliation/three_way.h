// The discrepancies between the three records of conversations, and what they are about in money.
//
// Pure. What counts as money at stake:
//   a tracked call without a telephony call, or one that tells another   its whole revenue, payout and cost: all of it
//                                                                        was booked on what is in question
//   a telephony call that nobody tracked                                 its cost
//   a telephony call that its provider does not know                     its cost
//   a provider's call that is not here                                   its cost there
//   a cost that the provider tells differently                           the difference
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/call-tracking-sync/reconciliation/conversation.h"
#include "services/call-tracking-sync/reconciliation/conversation_matching.h"
#include "trunkline/tracking/v1/call_discrepancy.pb.h"

namespace trunkline::tracking_sync {

struct ReconciliationRules {
  MatchWindow window = {};
  int64_t tracking_talk_tolerance = 5;  // seconds, between platform and telephony
  int64_t provider_talk_tolerance = 2;  // seconds, between telephony call and provider's record
};

struct Conversations {
  std::string business_id;
  // Only calls that are over are judged. Those around the range are there to be matched: `judged_from` and
  // `judged_before` bound the beginning of what is reported.
  std::vector<ConversationSide> tracked;
  std::vector<ConversationSide> carried;
  std::vector<ConversationSide> provider;
  // Accounts whose providers told their records: those of the others are not missed.
  std::set<std::string> asked_accounts;
  // The business's own numbers at telephony providers: a call that a platform sends elsewhere is nobody's here.
  std::set<std::string> own_numbers;
  // Numbers of them that platforms send calls on to.
  std::set<std::string> tracked_numbers;
  absl::Time judged_from;
  absl::Time judged_before;
};

struct ReconciliationOutcome {
  int64_t tracked_calls = 0;  // that were judged
  int64_t matched = 0;
  // Without times of finding, without version. By id, each once.
  std::vector<tracking::v1::CallDiscrepancy> discrepancies;
};

ReconciliationOutcome Reconcile(const Conversations& conversations, const ReconciliationRules& rules);

}  // namespace trunkline::tracking_sync
