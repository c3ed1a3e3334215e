// A request that a provider makes to its customer.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/http/message.h"

namespace trunkline::twin {

struct RetryPolicy {
  int retries = 0;
  bool on_connect_failure = false;
  bool on_no_answer = false;  // the read timed out or the connection broke
  bool on_4xx = false;
  bool on_5xx = false;
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration read_timeout = absl::Seconds(15);
  absl::Duration total_timeout = absl::Seconds(15);
};

struct Webhook {
  std::string kind;     // for the log: "voice", "status", ...
  std::string call_id;  // for the log
  std::string method = "POST";
  std::string url;  // as it goes over the wire: no fragment, and with the parameters if the method is GET
  http::Headers headers;
  std::string body;
  Form params;  // for the log
  RetryPolicy retry;
  // A notification may be lost, doubled and overtaken. A request whose answer steers the call is not: it waits.
  bool is_notification = true;
};

// What became of it, for the log.
struct WebhookRecord {
  Webhook webhook;
  absl::Time created;
  absl::Time finished;
  int attempts = 0;
  int status = 0;     // of the last answer; 0 when there was none
  std::string error;  // why there was none
  bool dropped = false;
  bool duplicated = false;
  int deliveries_left = 0;  // a doubled webhook has two
  bool done = false;
};

// Called on the scheduler when the last try is over. Not called for a webhook that is lost.
using WebhookDone = std::function<void(const absl::StatusOr<http::Response>& response)>;

}  // namespace trunkline::twin
