// A provider for the gateway's tests: its call client does what the test says, and remembers what it was asked.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"
#include "libs/providers/registry.h"

namespace trunkline::gateway {

class ScriptedClient final : public providers::CallClient {
 public:
  ScriptedClient() : CallClient("scripted") {}

  // What PlaceCall does; "external-1", "external-2" ... are placed unless the test says otherwise.
  std::function<providers::DialOutcome(const providers::DialRequest&)> on_place;
  absl::StatusOr<std::vector<providers::ProviderCall>> listed = std::vector<providers::ProviderCall>();
  absl::Status end_answer;
  std::vector<providers::AccountProblem> problems;

  providers::DialOutcome PlaceCall(const providers::Account& account, const providers::DialRequest& request) override;
  absl::StatusOr<std::vector<providers::ProviderCall>> ListCalls(const providers::Account& account,
                                                                 const providers::CallFilter& filter) override;
  absl::Status EndCall(const providers::Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<providers::AccountProblem>> CheckAccount(const providers::Account& account) override;

  std::vector<providers::DialRequest> placed() const;
  std::vector<std::string> ended() const;
  // The account of the latest question.
  providers::Account account() const;

 private:
  mutable std::mutex mutex_;
  std::vector<providers::DialRequest> placed_;
  std::vector<std::string> ended_;
  providers::Account account_;
};

// A registry with one provider, "scripted", that talks through the client. Its accounts need the credential "token".
providers::Registry ScriptedRegistry(ScriptedClient& client);

// An entry of a provider's listing.
providers::ProviderCall ListedCall(std::string_view external_call_id, absl::Time created_at);

}  // namespace trunkline::gateway
