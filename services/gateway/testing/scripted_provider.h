// A provider for the gateway's tests: it does what the test says, and remembers what it was asked.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"
#include "libs/providers/registry.h"

namespace trunkline::gateway {

// Agrees to everything, unless the test says otherwise.
class ScriptedControls final : public providers::CallControls {
 public:
  ScriptedControls() : CallControls("scripted") {}

  absl::StatusOr<providers::Controlled> answer = providers::Controlled();
  // "hold external-1", "transfer external-1 +12025550177 attended" ...
  std::vector<std::string> asked;

  absl::StatusOr<providers::Controlled> Update(const providers::Account& account, const providers::LiveCall& call,
                                               const plans::v1::CallPlan& plan) override;
  absl::StatusOr<providers::Controlled> Hold(const providers::Account& account, const providers::LiveCall& call,
                                             std::string_view music_url) override;
  absl::StatusOr<providers::Controlled> Resume(const providers::Account& account,
                                               const providers::LiveCall& call) override;
  absl::StatusOr<providers::Controlled> Transfer(const providers::Account& account, const providers::LiveCall& call,
                                                 const providers::TransferRequest& request) override;
  absl::StatusOr<providers::Controlled> CompleteTransfer(const providers::Account& account,
                                                         const providers::LiveCall& call) override;
};

// Its recordings are "sound of ID".
class ScriptedRecordings final : public providers::RecordingClient {
 public:
  ScriptedRecordings() : RecordingClient("scripted") {}

  absl::Status deleted;
  // "delete R1", "fetch R1 URL TOKEN" ...
  std::vector<std::string> asked;

  absl::Status Fetch(const providers::Account& account, const calls::v1::Recording& recording, std::string_view range,
                     providers::MediaSink& sink) override;
  absl::Status Delete(const providers::Account& account, std::string_view external_recording_id) override;
};

class ScriptedClient final : public providers::CallClient {
 public:
  ScriptedClient() : CallClient("scripted") {}

  // What PlaceCall does; "external-1", "external-2" ... are placed unless the test says otherwise.
  std::function<providers::DialOutcome(const providers::DialRequest&)> on_place;
  std::set<providers::v1::Feature> features = {providers::v1::FEATURE_PLACE_CALL, providers::v1::FEATURE_LIST_CALLS};
  ScriptedControls controls;
  ScriptedRecordings recordings;
  // Accounts have links; the sink of the one that is open.
  std::atomic<bool> has_link = false;
  std::atomic<providers::LinkSink*> sink = nullptr;
  absl::StatusOr<std::vector<providers::ProviderCall>> listed = std::vector<providers::ProviderCall>();
  absl::StatusOr<providers::ProviderCall> fetched = absl::UnavailableError("the provider does not answer");
  absl::Status end_answer;
  std::vector<providers::AccountProblem> problems;

  providers::DialOutcome PlaceCall(const providers::Account& account, const providers::DialRequest& request) override;
  // As PlaceCall, one for each number.
  std::vector<providers::DialOutcome> PlaceCalls(const providers::Account& account,
                                                 const providers::BulkDialRequest& request) override;
  absl::StatusOr<std::vector<providers::ProviderCall>> ListCalls(const providers::Account& account,
                                                                 const providers::CallFilter& filter) override;
  absl::StatusOr<providers::ProviderCall> FetchCall(const providers::Account& account,
                                                    std::string_view external_call_id) override;
  absl::Status EndCall(const providers::Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<providers::AccountProblem>> CheckAccount(const providers::Account& account) override;

  std::vector<providers::DialRequest> placed() const;
  std::vector<providers::BulkDialRequest> bulks() const;
  std::vector<std::string> ended() const;
  // How often the calls were listed, and by what the last time.
  int lists() const;
  providers::CallFilter filter() const;
  // The account of the latest question.
  providers::Account account() const;

 private:
  mutable std::mutex mutex_;
  std::vector<providers::DialRequest> placed_;
  std::vector<providers::BulkDialRequest> bulks_;
  std::vector<std::string> ended_;
  int lists_ = 0;
  providers::CallFilter filter_;
  providers::Account account_;
};

// A registry with one provider, "scripted", that talks through the client. Its accounts need the credential "token".
providers::Registry ScriptedRegistry(ScriptedClient& client);

// An entry of a provider's listing.
providers::ProviderCall ListedCall(std::string_view external_call_id, absl::Time created_at);

}  // namespace trunkline::gateway
