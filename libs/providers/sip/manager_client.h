// Calls over the manager interface: placed by Originate, whose ChannelId is the call's id, and looked up among the live
// channels. An exchange forgets a call with its last channel.
#pragma once

#include <string_view>
#include <vector>

#include "libs/providers/call_client.h"
#include "libs/providers/sip/ami/action.h"
#include "libs/providers/sip/manager.h"

namespace trunkline::providers::sip {

// The action that places the call.
ami::Action OriginateOf(const Account& account, const DialRequest& request);

class ManagerClient final : public CallClient {
 public:
  // `manager` outlives the client.
  explicit ManagerClient(Manager& manager);

  DialOutcome PlaceCall(const Account& account, const DialRequest& request) override;
  absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, const CallFilter& filter) override;
  absl::Status EndCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) override;

 private:
  Manager& manager_;
};

}  // namespace trunkline::providers::sip
