// Which telephony call is which tracked call's, when all that is known is the numbers and the time.
//
// Pure. The rule is that of the dials (gateway/dialing/dial_matching.h): nothing is guessed that could count one call
// for two. Calls that could belong together are taken as a group; when a group has as many tracked as telephony calls,
// each gets its own, in the order of time. Else, when as many of the tracked calls were connected as telephony calls
// were answered, those are paired so: what nobody answered were further tries of the platform. Other groups stay
// unclear.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "services/call-tracking-sync/reconciliation/conversation.h"

namespace trunkline::tracking_sync {

struct MatchWindow {
  // A telephony call belongs to a tracked one only when it began between `before` its beginning and `after` its end.
  absl::Duration before = absl::Seconds(30);
  absl::Duration after = absl::Seconds(30);
  absl::Duration longest = absl::Hours(4);  // of a tracked call whose end is not known
};

struct ConversationMatch {
  enum class Kind {
    kMatched,  // it is the call of this index on the other side
    kNone,     // no call could be it
    kSpare,    // it could be another's, and all of those have theirs: a further try
    kUnclear,  // it cannot be told whose it is
  };
  Kind kind = Kind::kNone;
  size_t other = 0;
};

struct ConversationMatches {
  std::vector<ConversationMatch> tracked;  // of each tracked call
  std::vector<ConversationMatch> carried;  // of each telephony call
};

// Both are of one business. A telephony call comes from the caller or shows the tracking number; a caller who is
// withheld fits every number.
ConversationMatches MatchConversations(const std::vector<ConversationSide>& tracked,
                                       const std::vector<ConversationSide>& carried, const MatchWindow& window);

}  // namespace trunkline::tracking_sync
