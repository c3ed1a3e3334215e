// The sound of a recording as a whole, for tests.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/providers/recording_client.h"

namespace trunkline::testing_support {

class WholeMedia final : public providers::MediaSink {
 public:
  bool Begin(const providers::MediaHead& told) override {
    head = told;
    return true;
  }
  bool Write(std::string_view piece) override {
    bytes += piece;
    return true;
  }

  providers::MediaHead head;
  std::string bytes;
};

inline absl::StatusOr<WholeMedia> FetchWhole(providers::RecordingClient& recordings, const providers::Account& account,
                                             const calls::v1::Recording& recording, std::string_view range = "") {
  WholeMedia media;
  if (const absl::Status status = recordings.Fetch(account, recording, range, media); !status.ok()) return status;
  return media;
}

}  // namespace trunkline::testing_support
