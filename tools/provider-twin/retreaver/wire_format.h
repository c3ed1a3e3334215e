// Retreaver's calls as they stand on the wire.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tools/provider-twin/tracking/account.h"

namespace trunkline::twin::retreaver {

// {"call":{...}} of the API's version 1 to 4.
std::string CallText(const tracking::Account& account, uint32_t call, int version, bool flow_events);
std::map<std::string, std::string> TagsOf(const tracking::Account& account, uint32_t call);
std::string RecordingOf(const tracking::Account& account, uint32_t call);
// What the customer calls a target.
std::string TidOf(uint16_t target);
// "completed", ... in the words of the common record: busy and blocked lines cannot be told from others here.
std::string StatusOf(const tracking::Call& call);

}  // namespace trunkline::twin::retreaver
