// The ledger of dials (promise 6): what was asked for, what was committed, what came of it.
//
// An intent is committed before the provider is asked, with the request's id and the fact that the call was requested,
// in one transaction. What comes of it is written once: whoever comes second, the reply or the reconciler, finds the
// intent resolved and changes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "services/gateway/calls/call_facts.h"
#include "services/gateway/calls/call_view.h"

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
  absl::Time committed_at;
  absl::Time check_at;  // when the reconciler looks, unless the outcome is known before
  events::v1::CallEvent requested;
};

// What a request_id gave.
struct KnownRequest {
  std::string call_id;
  std::string body_sha256;
};

// What came of an intent.
struct DialResolution {
  control::v1::DialState state = control::v1::DIAL_STATE_UNSPECIFIED;  // placed, rejected, in doubt or not placed
  std::string external_call_id;                                        // when placed
  std::string resolved_by;                                             // "reply", "webhook", "listing"
  absl::Time at;
  absl::Time check_at;  // when in doubt
  std::vector<events::v1::CallEvent> facts;
};

class DialLedger {
 public:
  // The pool outlives the ledger. It acts for one business at a time.
  explicit DialLedger(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<KnownRequest>> FindRequest(std::string_view business_id, std::string_view request_id);

  // Nothing when the intent is committed; the earlier request when there was one with this id, and then nothing is
  // written. UNKNOWN: nobody knows whether it is committed; it must not be dialled.
  absl::StatusOr<std::optional<KnownRequest>> Commit(const NewDial& dial);

  // The dial after the resolution, or as it was resolved before. Safe to repeat.
  absl::StatusOr<DialView> Resolve(const CallIdentity& call, const DialResolution& resolution);

  // Adds a fact to a call of the business, and to its dial where it has one.
  absl::Status AddFact(const CallIdentity& call, const events::v1::CallEvent& fact, absl::Time now);

 private:
  postgres::Pool& pool_;
};

// Resolve() inside a transaction. Nothing when the intent was resolved before, or is in doubt already and would be so
// again. NOT_FOUND when there is no such intent. ALREADY_EXISTS when another intent has the external_call_id.
absl::StatusOr<std::optional<DialView>> ResolveDial(postgres::Transaction& tx, const CallIdentity& call,
                                                    const DialResolution& resolution);

// Puts a fact into the outbox.
absl::Status AddToOutbox(postgres::Transaction& tx, const CallIdentity& call, const events::v1::CallEvent& fact,
                         absl::Time now);

}  // namespace trunkline::gateway
