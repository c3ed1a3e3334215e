// Which calls an exchange has, which channels are theirs, and what was noted of both. A call is all channels with one
// Linkedid, and keeps the one under which it was first known.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/sip/ami/message.h"
#include "libs/providers/sip/hangup_causes.h"
#include "libs/providers/sip/line_quality.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::sip {

struct TrackedChannel {
  std::string call;  // its key
  bool real = true;  // no plumbing of the exchange
  bool dialed = false;
  bool rang = false;
  double packets = 0;  // at the last report of its line
};

struct TrackedCall {
  std::string key;  // the Linkedid by which it was first known
  calls::v1::CallDirection direction = calls::v1::CALL_DIRECTION_UNSPECIFIED;
  std::string from;
  std::string to;
  std::set<std::string> channels;  // Uniqueids
  bool had_real = false;
  bool originated = false;  // its first channel was dialled by the exchange, for Trunkline or another client
  bool held = false;
  bool transferred = false;
  bool first_cause = false;  // end.cause is that of the first channel
  EndFacts end;
  LineQuality quality;
};

class CallBook {
 public:
  // `is_extension` is true for the exchange's own extensions: who calls from one calls out.
  explicit CallBook(std::function<bool(std::string_view)> is_extension);

  // After each (re)connection: what is live. Calls that go on keep what is known of them; the others are forgotten.
  void Resync(const std::vector<ami::Message>& channels);

  // Enters the channel that the event shows, and its call where that is new.
  struct Adopted {
    TrackedCall& call;
    bool is_new;
  };
  Adopted Adopt(const ami::Message& event, std::string_view uniqueid);

  // A channel's Linkedid has become another one. It goes over to that call, or, where there is none, its call has one
  // more name. The key of the call that it left, when nobody is left there.
  std::optional<std::string> Relink(std::string_view uniqueid, std::string_view linkedid);

  // All of these give null for what is not known. Pointers hold until something is entered or removed.
  TrackedChannel* FindChannel(std::string_view uniqueid);
  TrackedCall* FindCall(std::string_view key);
  TrackedCall* FindCallOf(std::string_view uniqueid);

  // The key of the call that has this Linkedid; the Linkedid itself where none has.
  std::string KeyOf(std::string_view linkedid) const;
  // No party is left.
  bool IsOver(const TrackedCall& call) const;
  bool IsReal(std::string_view uniqueid) const;

  void RemoveChannel(TrackedCall* call, std::string_view uniqueid);
  // Removes a call with its channels, and remembers that it has ended.
  std::optional<TrackedCall> RemoveCall(std::string_view key);
  // Of a call that ended before anything was known of it.
  void RememberEnded(std::string_view key);
  // Whether it is among the latest that ended.
  bool HasEnded(std::string_view key) const;

  size_t size() const { return calls_.size(); }

 private:
  using Calls = std::map<std::string, TrackedCall, std::less<>>;
  using Channels = std::map<std::string, TrackedChannel, std::less<>>;

  void InferAnswers(const std::vector<ami::Message>& channels, const Calls& known);

  const std::function<bool(std::string_view)> is_extension_;
  Channels channels_;                                        // by Uniqueid
  Calls calls_;                                              // by key
  std::map<std::string, std::string, std::less<>> aliases_;  // a later Linkedid of a call
  std::deque<std::string> ended_;                            // the latest, for what comes after the end
};

// Channels that are parts of the exchange and no party of a call.
bool IsPlumbing(std::string_view channel_name);

}  // namespace trunkline::providers::sip
