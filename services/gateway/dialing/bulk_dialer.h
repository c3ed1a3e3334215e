// Places many calls with the same plan: InitiateCalls.
//
// Each number goes the way of every call (dial_pipeline.h), with a request_id and a call_id that follow from the bulk
// and the number; so a bulk that is asked for again dials no number twice, and goes on where it was interrupted. Where
// the provider takes many numbers with one request they are asked for together, else one by one, a few at a time.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/dialing/dial_pipeline.h"

namespace trunkline::gateway {

class BulkDialer {
 public:
  // Both outlive the object.
  BulkDialer(DialPipeline& pipeline, ProviderRequests& requests) : pipeline_(pipeline), requests_(requests) {}

  // INVALID_ARGUMENT when what the calls have in common is wrong, or the list of numbers is. What is wrong with one
  // number is told in its result.
  absl::StatusOr<control::v1::InitiateCallsResponse> Initiate(const rpc::Caller& caller,
                                                              const control::v1::InitiateCallsRequest& request);

 private:
  struct Member {
    std::string bulk_id;
    std::string call_id;
    control::v1::InitiateCallRequest request;
    absl::StatusOr<PreparedDial> prepared;
    absl::StatusOr<control::v1::Call> call;
  };

  void Dial(const rpc::Caller& caller, std::vector<Member*> members);
  void DialTogether(const std::vector<Member*>& members);

  DialPipeline& pipeline_;
  ProviderRequests& requests_;
};

}  // namespace trunkline::gateway
