#include "tools/provider-twin/sip/channel.h"

#include "libs/base/text.h"

namespace trunkline::twin::sip {

std::string_view StateName(int state) {
  constexpr std::string_view kNames[] = {"Down", "Rsrvd", "OffHook", "Dialing", "Ring", "Ringing", "Up", "Busy"};
  return state >= 0 && state < 8 ? kNames[state] : "Unknown";
}

void AddSnapshot(const Channel& channel, std::string_view prefix, AmiText* text) {
  const auto add = [&](std::string_view key, std::string_view value) { text->Add(Concat(prefix, key), value); };
  add("Channel", channel.name);
  add("ChannelState", Concat(channel.state));
  add("ChannelStateDesc", StateName(channel.state));
  add("CallerIDNum", channel.number);
  add("CallerIDName", channel.caller_name);
  add("ConnectedLineNum", channel.connected);
  add("ConnectedLineName", "<unknown>");
  add("Language", "en");
  add("AccountCode", "");
  add("Context", channel.context);
  add("Exten", channel.exten);
  add("Priority", "1");
  add("Uniqueid", channel.uniqueid);
  add("Linkedid", channel.linkedid);
  if (prefix.empty() && !channel.recording.empty()) {
    text->Add("ChanVariable", Concat("TRUNKLINE_RECORDING=", channel.recording));
  }
}

}  // namespace trunkline::twin::sip
