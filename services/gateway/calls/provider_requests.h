// Every request of the gateway to a provider's API goes through here: it is measured, and noted for the timeline of its
// call.
//
//   const absl::Status ended = requests.Ask({call, "end_call"}, [&] { return client.EndCall(account, id); });
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/background_worker.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/providers/call_client.h"
#include "services/gateway/calls/call_facts.h"
#include "services/gateway/metrics/gateway_metrics.h"

namespace trunkline::gateway {

// A row of provider_requests.
struct ProviderRequest {
  CallIdentity call;
  std::string operation;
  absl::Time asked_at;
  absl::Duration took;
  std::string outcome;  // "placed", "rejected", "in_doubt", "ok", or the name of a status: "NOT_FOUND"
  std::string message;
};

class ProviderRequests {
 public:
  // All of them outlive the object. The pool works across businesses.
  ProviderRequests(postgres::Pool& pool, GatewayMetrics& metrics, const Clock& clock);
  // Writes what is noted and not yet written, unless the database is away.
  ~ProviderRequests();

  // What `request` returns: an absl::Status, an absl::StatusOr or a DialOutcome.
  template <typename Request>
  auto Ask(const CallIdentity& call, std::string_view operation, Request&& request) {
    const absl::Time asked_at = clock_.Now();
    auto answer = request();
    Note({.call = call,
          .operation = std::string(operation),
          .asked_at = asked_at,
          .took = clock_.Now() - asked_at,
          .outcome = OutcomeOf(answer),
          .message = MessageOf(answer)});
    return answer;
  }

  // The same of a request about many calls, which returns a DialOutcome for each of them.
  template <typename Request>
  std::vector<providers::DialOutcome> AskForAll(const std::vector<CallIdentity>& calls, std::string_view operation,
                                                Request&& request) {
    const absl::Time asked_at = clock_.Now();
    std::vector<providers::DialOutcome> outcomes = request();
    const absl::Duration took = clock_.Now() - asked_at;
    for (size_t i = 0; i < calls.size(); ++i) {
      Note({.call = calls[i],
            .operation = std::string(operation),
            .asked_at = asked_at,
            .took = took,
            .outcome = OutcomeOf(outcomes[i]),
            .message = MessageOf(outcomes[i])});
    }
    return outcomes;
  }

  // Writes what is noted. True when there is more.
  absl::StatusOr<bool> Flush();

 private:
  static std::string OutcomeOf(const absl::Status& status);
  static std::string OutcomeOf(const providers::DialOutcome& outcome);
  static std::string MessageOf(const absl::Status& status);
  static std::string MessageOf(const providers::DialOutcome& outcome);
  template <typename T>
  static std::string OutcomeOf(const absl::StatusOr<T>& answer) {
    return OutcomeOf(answer.status());
  }
  template <typename T>
  static std::string MessageOf(const absl::StatusOr<T>& answer) {
    return MessageOf(answer.status());
  }

  void Note(ProviderRequest request);

  postgres::Pool& pool_;
  GatewayMetrics& metrics_;
  const Clock& clock_;
  std::mutex mutex_;
  std::deque<ProviderRequest> noted_;
  BackgroundWorker writing_;
};

// Of a dial's outcome: "placed", "rejected", "in_doubt".
std::string_view NameOf(providers::DialOutcome::Kind kind);

}  // namespace trunkline::gateway
