// What the gateway asks of a provider's adapter about recordings.
//
// An adapter overrides what its provider has; everything else answers Unsupported(). Functions fail as
// provider_status.h says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "libs/providers/call_controls.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers {

// A recording as the provider's API tells it.
struct ProviderRecording {
  calls::v1::Recording recording;
  std::string external_call_id;
  std::optional<absl::Time> started_at;
};

// What the sound of a recording begins with.
struct MediaHead {
  int status = 200;                // 206 for a range of it; 416 when it has no such range, and nothing follows
  std::string content_type;        // "audio/mpeg", "audio/wav"
  std::optional<uint64_t> bytes;   // of what follows, where the provider tells
  std::string content_range = {};  // of 206 and 416, as HTTP writes it: "bytes 0-99/1000", "bytes */1000"
};

// Takes the sound of a recording as it comes, so that it never lies in memory as a whole.
class MediaSink {
 public:
  virtual ~MediaSink() = default;
  // Once, before the first piece. False: nothing more is wanted.
  virtual bool Begin(const MediaHead& head) = 0;
  // May block, which holds up the provider. False: nothing more is wanted.
  virtual bool Write(std::string_view piece) = 0;
};

class RecordingClient {
 public:
  // `provider` is the name that Unsupported() tells.
  explicit RecordingClient(std::string_view provider) : provider_(provider) {}
  virtual ~RecordingClient() = default;

  // The recording that was started.
  virtual absl::StatusOr<calls::v1::Recording> Start(const Account& account, const LiveCall& call);
  // Stops one recording of the call, or all of them when `external_recording_id` is empty. OK when nothing records.
  virtual absl::Status Stop(const Account& account, const LiveCall& call, std::string_view external_recording_id);

  // All recordings of a call.
  virtual absl::StatusOr<std::vector<ProviderRecording>> List(const Account& account,
                                                              std::string_view external_call_id);
  virtual absl::StatusOr<ProviderRecording> Get(const Account& account, std::string_view external_recording_id);
  // The sound itself, or a range of it as HTTP writes it ("bytes=0-99"), which a provider may pass over and give the
  // whole. OK when the sink has it all; CANCELLED when it wanted no more. The account's credentials go to the
  // provider's own hosts only.
  virtual absl::Status Fetch(const Account& account, const calls::v1::Recording& recording, std::string_view range,
                             MediaSink& sink);
  // OK when there is no such recording.
  virtual absl::Status Delete(const Account& account, std::string_view external_recording_id);

 protected:
  const std::string& provider() const { return provider_; }

 private:
  const std::string provider_;
};

}  // namespace trunkline::providers
