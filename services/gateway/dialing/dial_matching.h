// Which of a provider's calls is which of our dials, when all that is known is the two numbers and the time.
//
// Pure. The rule: nothing is guessed that could count one call for two dials. Dials and calls that could belong
// together by their times are taken as a group; only when a group has as many calls as dials does each dial get its
// call, the oldest the oldest. Fewer or more calls than dials stay unclear, until webhooks or the dials' own replies
// tell some of them apart.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace trunkline::gateway {

// A dial whose outcome is not known.
struct DoubtfulTime {
  std::string call_id;
  absl::Time committed_at;
};

// A call of the provider's listing that no dial has yet.
struct UnclaimedCall {
  std::string external_call_id;
  absl::Time created_at;
};

// A call belongs to a dial only when it was created between `before` its commit and `after` it.
struct MatchWindow {
  absl::Duration before;
  absl::Duration after;
};

struct DialMatch {
  enum class Kind {
    kCall,     // it is this call
    kNone,     // no call could be this dial's
    kUnclear,  // there are calls, but it cannot be told whose
  };
  Kind kind = Kind::kUnclear;
  std::string external_call_id;
};

// `dials` holds the dial itself and every other of the same account and numbers; so do `calls`.
DialMatch MatchDial(const std::string& call_id, const std::vector<DoubtfulTime>& dials,
                    const std::vector<UnclaimedCall>& calls, const MatchWindow& window);

}  // namespace trunkline::gateway
