// The calls of an exchange as its list of channels shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/call_client.h"
#include "libs/providers/sip/ami/message.h"

namespace trunkline::providers::sip {

// One channel of a call.
struct Leg {
  std::string channel;  // its name
  std::string uniqueid;
  std::string linkedid;
  std::string number;  // CallerIDNum
  std::string context;
  std::string bridge_id;
  absl::Duration age;
  int state = 0;     // 4 Ring, 5 Ringing, 6 Up
  bool real = true;  // no plumbing of the exchange
};
Leg LegOf(const ami::Message& channel);

// The legs of a call: those with its Linkedid, or with its id as their own.
std::vector<Leg> LegsOf(const std::vector<ami::Message>& channels, std::string_view external_call_id);

// All calls in progress, of CoreShowChannel items. Their times are as exact as the list: seconds. Calls of ours have no
// numbers: both of their channel are the caller id that it was dialled with, and Trunkline knows them.
std::vector<ProviderCall> LiveCallsOf(const std::vector<ami::Message>& channels, const Account& account,
                                      absl::Time now);

}  // namespace trunkline::providers::sip
