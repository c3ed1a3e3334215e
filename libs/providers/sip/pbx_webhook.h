// The webhook that an exchange sends over HTTP: Trunkline's own contract, since exchanges have none. JSON or a form,
// with the same names.
//
//   event         required: what happened, see webhook_events.cc
//   call_id       the Linkedid; else linkedid, uniqueid or channel name the call
//   channel       required; dest_channel
//   caller_id     callerid, caller, from; caller_name
//   destination   dest, did, to, exten
//   direction     inbound, outbound, internal
//   dial_status   DIALSTATUS; hangup_cause 0-127; hangup_source caller, callee, system or a channel
//   duration, billsec   seconds
//   recording_file, queue, agent, digits, transfer_to
//   timestamp     RFC 3339 or epoch seconds or milliseconds; a local time without zone is not relied on
//   event_id      tells repeated deliveries apart from repeated facts
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::sip {

class PbxWebhook {
 public:
  // INVALID_ARGUMENT when the body is no object of texts and numbers, or lacks its event or its call.
  static absl::StatusOr<PbxWebhook> Read(std::string_view content_type, std::string_view body);

  // Empty when there is none.
  std::string_view Get(std::string_view name) const;
  // A whole number from 0 to `largest`.
  std::optional<int64_t> Number(std::string_view name, int64_t largest) const;

  std::string_view event() const { return Get("event"); }
  // The provider's id of the call.
  std::string_view external_call_id() const;
  std::string_view caller() const;
  std::string_view destination() const;
  calls::v1::CallDirection direction() const;
  // Nothing when the webhook tells none that can be relied on.
  std::optional<absl::Time> time() const;

 private:
  std::string_view FirstOf(std::initializer_list<std::string_view> names) const;

  std::map<std::string, std::string, std::less<>> fields_;
};

}  // namespace trunkline::providers::sip
