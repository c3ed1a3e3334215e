// A channel of the simulated exchange, and the block of lines by which events show it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tools/provider-twin/script.h"
#include "tools/provider-twin/sip/ami_text.h"

namespace trunkline::twin::sip {

// States, as far as the twin's channels have them.
inline constexpr int kRing = 4;     // it calls
inline constexpr int kRinging = 5;  // it is called
inline constexpr int kUp = 6;

struct Channel {
  std::string account;  // the manager user who sees it
  std::string name;     // PJSIP/trunk-00000001
  std::string uniqueid;
  std::string linkedid;
  int state = 0;
  std::string number = "<unknown>";
  std::string caller_name = "<unknown>";
  std::string connected = "<unknown>";
  std::string context = "from-trunk";
  std::string exten = "s";
  std::string application;
  std::string bridge;
  std::string dialed;     // the number behind it, whose script it follows
  std::string recording;  // file
  bool rung = false;
  bool recorded = false;
  bool gone = false;
  absl::Time created;
  absl::Time answered;
  Script script;
};
using ChannelPtr = std::shared_ptr<Channel>;

// The block, each key behind `prefix`.
void AddSnapshot(const Channel& channel, std::string_view prefix, AmiText* text);
// "Ring"
std::string_view StateName(int state);

}  // namespace trunkline::twin::sip
