// Where every request to a platform passes. The synchronization keeps its budget here: a second's, minute's, hour's and
// day's allowance of each account and resource, pauses that a platform asked for, priorities.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/tracking/account_settings.h"
#include "trunkline/tracking/v1/tracking_error.pb.h"

namespace trunkline::tracking {

// What a platform limits together.
enum class Resource { kCallList, kCallDetail, kReport, kOther };

// A request that was sent, whatever came of it.
struct SentRequest {
  std::string_view platform;
  std::string_view account_id;
  Resource resource = Resource::kOther;
  std::string_view endpoint;  // a template: "GET /calls/{id}"
  int http_status = 0;        // 0: no answer
  v1::TrackingErrorCode error = v1::TRACKING_ERROR_CODE_UNSPECIFIED;
  absl::Time sent_at;
  absl::Time answered_at;
  std::optional<absl::Time> server_time;
  std::optional<absl::Duration> retry_after;
};

class RequestGate {
 public:
  virtual ~RequestGate() = default;

  // Before a request; may wait. Anything but OK, and the request is not sent: the function of the client returns the
  // status as it is.
  virtual absl::Status Admit(const Account& account, Resource resource, std::string_view endpoint) = 0;
  // After it.
  virtual void Tell(const SentRequest& sent) = 0;
};

}  // namespace trunkline::tracking
