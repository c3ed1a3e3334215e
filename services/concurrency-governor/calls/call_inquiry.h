// Who can tell what has become of a call.
#pragma once

#include <memory>
#include <string>

#include "services/concurrency-governor/ledger/slot_ledger.h"
#include "trunkline/control/v1/call_inquiry_service.grpc.pb.h"

namespace trunkline::governor {

class CallInquiry {
 public:
  virtual ~CallInquiry() = default;
  // Blocks. Unknown when nobody can tell now.
  virtual CallLife Ask(const std::string& business_id, const std::string& call_id) = 0;
};

// The gateway, which asks the provider and enters what it tells.
class GatewayInquiry final : public CallInquiry {
 public:
  GatewayInquiry(const std::string& gateway_address, std::string service_token, absl::Duration timeout);
  CallLife Ask(const std::string& business_id, const std::string& call_id) override;

 private:
  const std::unique_ptr<control::v1::CallInquiryService::Stub> stub_;
  const std::string service_token_;
  const absl::Duration timeout_;
};

}  // namespace trunkline::governor
