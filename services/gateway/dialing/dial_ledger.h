// The ledger of dials (promise 6): what was asked for, what was committed, what came of it.
//
// An intent is committed before the provider is asked, with the request's id and the fact that the call was requested,
// in one transaction. What comes of it is written once: whoever comes second, the reply or the reconciler, finds the
// intent resolved and changes nothing.
//
// A call may need several attempts. The intent's row is that of the latest; the next one takes its place in the
// transaction that also records what came of the one before. So at every moment a call has one attempt that may be
// asked for, and a crash between two attempts leaves either the first, not asked for again, or the second, committed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "services/gateway/accounts/key_limits.h"
#include "services/gateway/accounts/rate_limit.h"
#include "services/gateway/calls/call_facts.h"
#include "services/gateway/calls/call_view.h"
#include "services/gateway/calls/dial_rows.h"

namespace trunkline::gateway {

// An intent to commit.
struct NewDial {
  CallIdentity call;
  std::string request_id;
  std::string body_sha256;  // of the request, raw
  std::string from;
  std::string to;
  std::string plan;  // CallPlan, serialized
  std::string campaign_id;
  std::string request;     // InitiateCallRequest without its plan, serialized
  std::string api_key_id;  // empty for Trunkline's own services
  std::optional<KeyLimits> key_limits;
  std::vector<RateLimit> rates;  // of the account
  absl::Time committed_at;
  std::optional<absl::Time> dial_before;     // by the database's clock
  absl::Time check_at;                       // when the reconciler looks, unless the outcome is known before
  std::vector<EndedAttempt> passed_over;     // accounts before this one, which were not asked
  std::vector<events::v1::CallEvent> facts;  // at least that it was requested
};

// The attempt after one that was certainly not placed.
struct NextDial {
  CallIdentity call;  // with the new attempt's account and number
  std::string from;
  std::vector<RateLimit> rates;
  absl::Time committed_at;
  absl::Time check_at;
  std::vector<EndedAttempt> ended;  // the one before, then accounts that were not asked
  std::vector<events::v1::CallEvent> facts;
};

// What a request_id gave.
struct KnownRequest {
  std::string call_id;
  std::string body_sha256;
};

// What is certain about a request_id.
struct SettledRequest {
  std::string call_id;  // empty: there is none up to `now`, and none of those that had begun by then will be
  absl::Time now;       // the database's
};

// An intent as its row stands since the commit, until somebody changes it.
struct CommittedDial {
  DialView view;
  std::string facts;  // the column
};

// What committing an intent gave: neither of the first two means that it is committed.
struct Commitment {
  std::optional<KnownRequest> earlier;  // there was a request with this id: nothing was written
  absl::Status account_refusal;         // the account may have no more calls now: nothing was written
  std::optional<CommittedDial> dial;    // of a first attempt over the account that comes first
};

// What came of an attempt.
struct DialResolution {
  control::v1::DialState state = control::v1::DIAL_STATE_UNSPECIFIED;  // placed, rejected, in doubt or not placed
  std::string external_call_id;                                        // when placed
  std::string resolved_by;                                             // "reply", "webhook", "listing"
  absl::Time at;
  absl::Time check_at;  // when in doubt
  std::vector<events::v1::CallEvent> facts;
  // The provider would tell it again, so that nobody waits until it is on the disk: a crash of PostgreSQL within the
  // next second may leave the dial as it was committed, which the reconciler finds out about.
  bool is_told_again = false;
};

class DialLedger {
 public:
  // The pool outlives the ledger. It acts for one business at a time.
  explicit DialLedger(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<KnownRequest>> FindRequest(std::string_view business_id, std::string_view request_id);

  // Waits for a transaction that commits this request right now. Since Commit() reads the clock when it holds the
  // request's key, a request that has no call by its dial_before will never have one.
  absl::StatusOr<SettledRequest> SettleRequest(std::string_view business_id, std::string_view request_id);

  // UNKNOWN: nobody knows whether it is committed; it must not be dialled. RESOURCE_EXHAUSTED: the key may not do more,
  // FAILED_PRECONDITION DIAL_TOO_LATE: dial_before is over; and nothing was written.
  absl::StatusOr<Commitment> Commit(const NewDial& dial);

  // True when the next attempt is committed; false when the attempt before it was resolved otherwise meanwhile, and
  // then nothing is written. RESOURCE_EXHAUSTED RATE_LIMITED: the account's rate is used up. UNKNOWN as in Commit.
  absl::StatusOr<bool> CommitNext(const NextDial& next);

  // The dial after the resolution, or as it was resolved before. Safe to repeat. Who says how it was committed spares
  // the ways to read and lock it, unless it was changed meanwhile.
  absl::StatusOr<DialView> Resolve(const CallIdentity& call, const DialResolution& resolution,
                                   const std::optional<CommittedDial>& committed = std::nullopt);

  // Adds a fact to a call of the business, and to its dial where it has one.
  absl::Status AddFact(const CallIdentity& call, const events::v1::CallEvent& fact, absl::Time now);

 private:
  // Nothing when the dial is not as it was committed.
  absl::StatusOr<std::optional<DialView>> ResolveUnchanged(const CallIdentity& call, const DialResolution& resolution,
                                                           const CommittedDial& committed);

  postgres::Pool& pool_;
};

// Resolve() inside a transaction. Nothing when the attempt was resolved before, or is in doubt already and would be so
// again, or is not the latest any more. NOT_FOUND when there is no such intent. ALREADY_EXISTS when another intent has
// the external_call_id.
absl::StatusOr<std::optional<DialView>> ResolveDial(postgres::Transaction& tx, const CallIdentity& call,
                                                    const DialResolution& resolution);

// CommitNext() inside a transaction.
absl::StatusOr<bool> CommitNextDial(postgres::Transaction& tx, const NextDial& next);

// Puts a fact into the outbox.
absl::Status AddToOutbox(postgres::Transaction& tx, const CallIdentity& call, const events::v1::CallEvent& fact,
                         absl::Time now);

}  // namespace trunkline::gateway
