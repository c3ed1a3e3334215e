// What the gateway asks of a provider's adapter to place calls, and to find out about them.
//
// Functions with a status fail as provider_status.h says; a provider that lacks something answers Unsupported().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::providers {

// How calls are placed.
struct DialOptions {
  std::string from;  // E.164
  absl::Duration ring_timeout = absl::Seconds(60);
  std::optional<absl::Duration> time_limit = std::nullopt;
  bool record = false;
  bool detect_machine = false;
};

// A call to place.
struct DialRequest {
  std::string call_id;  // travels in every URL that is handed out
  std::string to;       // E.164
  DialOptions options;
};

// Many calls to place with one request. Providers give all of them the same URLs, which name the bulk; a call's id
// follows from the bulk and its number (telephony::CallIdOfBulk), so that a webhook leads to its call.
struct BulkDialRequest {
  std::string bulk_id;          // UUID
  std::vector<std::string> to;  // E.164, each once
  DialOptions options;
};

// What came of asking the provider to place a call.
struct DialOutcome {
  enum class Kind {
    kPlaced,    // accepted: external_call_id is set, save for a bulk, where it may become known by webhook only
    kRejected,  // certainly not placed: error says why, and whether asking later may work
    kInDoubt,   // may have been placed: must be found out before anything is dialled again
  };
  Kind kind = Kind::kInDoubt;
  std::string external_call_id;
  calls::v1::CallError error;
  // With kRejected, for how long the provider said that it takes no more calls of the account.
  std::optional<absl::Duration> retry_after = std::nullopt;
};

// A call as the provider's API tells it.
struct ProviderCall {
  std::string external_call_id;
  std::string call_id;  // ours, where the provider gives back what it was handed out with; else empty
  std::string from;
  std::string to;
  absl::Time created_at;
  // The event that this state amounts to (source RECONCILIATION), without call_id and business_id.
  events::v1::CallEvent event;
};

// Which calls to list. An empty number stands for every number.
struct CallFilter {
  std::string from;
  std::string to;
  absl::Time created_since = absl::InfinitePast();
  absl::Time created_before = absl::InfiniteFuture();
};

// A wrong setting of an account.
struct AccountProblem {
  std::string field;  // "settings.account_sid", "credentials.auth_token"; empty for the account as a whole
  std::string reason;
  std::string message;
};

class CallClient {
 public:
  // `provider` is the name that Unsupported() tells.
  explicit CallClient(std::string_view provider) : provider_(provider) {}
  virtual ~CallClient() = default;

  // Asks once, never again: a lost reply is kInDoubt.
  virtual DialOutcome PlaceCall(const Account& account, const DialRequest& request) = 0;
  // One outcome for each number, in their order. Only with FEATURE_BULK_DIAL; else kRejected with UNSUPPORTED.
  virtual std::vector<DialOutcome> PlaceCalls(const Account& account, const BulkDialRequest& request);

  virtual absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id);
  // All calls that the filter lets through, of a provider with FEATURE_LIST_CALLS; the live ones among them, of a
  // provider with FEATURE_LIST_LIVE_CALLS. Never a part of them: a list that cannot be read to its end is an error.
  virtual absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, const CallFilter& filter);
  // Ends a call that is queued, ringing or connected. OK when it has ended already.
  virtual absl::Status EndCall(const Account& account, std::string_view external_call_id);
  // Asks the provider whether the settings and credentials work; nothing is wrong when the list is empty. UNAVAILABLE
  // when the provider cannot be asked.
  virtual absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) = 0;

 protected:
  const std::string& provider() const { return provider_; }

 private:
  const std::string provider_;
};

}  // namespace trunkline::providers
