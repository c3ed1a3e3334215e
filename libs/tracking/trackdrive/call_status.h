// TrackDrive's words for the status of a call.
#pragma once

#include <optional>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::tracking::trackdrive {

struct StatusFacts {
  std::string_view word;  // as the platform writes it
  bool has_ended = false;
  bool is_connected = false;  // it was sent on to somebody, or somebody talked
  bool has_talked = false;    // somebody answered
};

struct StatusReading {
  std::optional<calls::v1::CallStatus> status;  // nothing for a word that is not known, of a call that goes on
  calls::v1::Hangup hangup;
  bool voicemail = false;
  bool is_known = true;  // the word
};

StatusReading ReadStatus(const StatusFacts& facts);

}  // namespace trunkline::tracking::trackdrive
