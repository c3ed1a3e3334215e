#include "libs/providers/sip/recordings.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/controls.h"
#include "libs/providers/sip/manager_errors.h"

namespace trunkline::providers::sip {

Recordings::Recordings(Manager& manager) : RecordingClient(kProviderName), manager_(manager) {}

absl::StatusOr<calls::v1::Recording> Recordings::Start(const Account& account, const LiveCall& call) {
  if (!UsesManager(account)) return StatusOf(kProviderName, NoManagerError());
  TL_ASSIGN_OR_RETURN(const std::vector<ami::Message> channels, manager_.Channels(account));
  TL_ASSIGN_OR_RETURN(const Sides sides, SidesOf(channels, call));
  const std::string file = Concat("trunkline-", call.call_id, "-", absl::ToUnixMillis(absl::Now()), ".wav");
  // The events of a recording do not name it; exchanges that repeat the variable do.
  TL_RETURN_IF_ERROR(manager_.Do(account, ami::Action("Setvar")
                                              .Add("Channel", sides.customer.channel)
                                              .Add("Variable", "TRUNKLINE_RECORDING")
                                              .Add("Value", file)));
  TL_RETURN_IF_ERROR(manager_.Do(account, ami::Action("MixMonitor")
                                              .Add("Channel", sides.customer.channel)
                                              .Add("File", file)
                                              .Add("Options", "i(TRUNKLINE_MIXMONITOR)")));
  calls::v1::Recording recording;
  recording.set_external_recording_id(file);
  recording.set_status(calls::v1::RECORDING_STATUS_IN_PROGRESS);
  recording.set_channels(1);
  if (const std::string base = RecordingUrlOf(account); !base.empty()) recording.set_url(base + file);
  return recording;
}

absl::Status Recordings::Stop(const Account& account, const LiveCall& call,
                              std::string_view /*external_recording_id*/) {
  if (!UsesManager(account)) return StatusOf(kProviderName, NoManagerError());
  TL_ASSIGN_OR_RETURN(const std::vector<ami::Message> channels, manager_.Channels(account));
  const absl::StatusOr<Sides> sides = SidesOf(channels, call);
  // With the channel its recordings ended.
  if (!sides.ok()) return absl::IsNotFound(sides.status()) ? absl::OkStatus() : sides.status();
  const absl::Status stopped =
      manager_.Do(account, ami::Action("StopMixMonitor").Add("Channel", sides->customer.channel));
  // Refused also when nothing records.
  const bool nothing = absl::IsFailedPrecondition(stopped) || absl::IsNotFound(stopped);
  return nothing ? absl::OkStatus() : stopped;
}

}  // namespace trunkline::providers::sip
