// Follows the channels of an exchange, to tell what an event means for its call. One event is often not enough: who
// hung up is said before the channel ends, a transfer ends a channel and not the call, music is no hold, and a caller
// who gives up looks like a fault of the network.
//
// A call is all channels with one Linkedid. A tracker belongs to one link; it does no I/O and has no clock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/sip/ami/message.h"
#include "libs/providers/sip/call_context.h"

namespace trunkline::providers::sip {

struct TrackerOptions {
  std::string default_region;
  std::string recording_url;
  // Calls that Trunkline places ring at an agent first, and only then at the number.
  bool agent_first = false;
  // Where a call that Trunkline answers goes on; empty: it answers none.
  std::string answer_context;
  // True for the exchange's own extensions: who calls from one calls out.
  std::function<bool(std::string_view)> is_extension = [](std::string_view) { return false; };
};

class CallTracker {
 public:
  explicit CallTracker(TrackerOptions options);

  // After each (re)connection: what is live. Calls that go on keep what is known of them; the others are forgotten.
  void Resync(const std::vector<ami::Message>& channels);

  // What the event tells, of its call or, when calls were joined, of two. Empty for noise.
  std::vector<CallContext> OnEvent(const ami::Message& event, absl::Time received_at);

  size_t live_calls() const { return calls_.size(); }

 private:
  struct Channel {
    std::string call;
    bool real = true;  // no plumbing of the exchange
    bool dialed = false;
    bool rang = false;
    double packets = 0;  // at the last report of its line
  };
  struct Call {
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
    // Of all reports on its lines, weighted by packets.
    double weight = 0;
    double latency_weight = 0;
    double latency = 0;
    double jitter = 0;
    double loss = 0;
  };
  using Contexts = std::vector<CallContext>;

  std::string KeyOf(std::string_view linkedid) const;
  Channel* FindChannel(std::string_view uniqueid);
  Call* FindCallOf(std::string_view uniqueid);
  Call& Adopt(const ami::Message& event, std::string_view uniqueid, bool* is_new);
  // Follows a channel whose Linkedid has become another one.
  void Follow(const ami::Message& event, std::string_view prefix, absl::Time at, Contexts* told);
  CallContext Tell(const Call& call, Fact fact, absl::Time at) const;
  void End(const std::string& key, absl::Time at, Contexts* told);
  bool IsOver(const Call& call) const;
  calls::v1::HangupSource SideOf(const Call& call, std::string_view uniqueid) const;

  void OnNewChannel(const ami::Message& event, absl::Time at, Contexts* told);
  void OnState(const ami::Message& event, absl::Time at, Contexts* told);
  void OnRinging(std::string_view uniqueid, absl::Time at, Contexts* told);
  void OnAnswered(std::string_view uniqueid, absl::Time at, Contexts* told);
  void OnBridge(const ami::Message& event, absl::Time at, Contexts* told);
  void OnDialBegin(const ami::Message& event);
  void OnDialEnd(const ami::Message& event, absl::Time at, Contexts* told);
  void OnHold(std::string_view uniqueid, bool held, absl::Time at, Contexts* told);
  void OnTransfer(const ami::Message& event, std::string_view uniqueid, bool target_talks, absl::Time at,
                  Contexts* told);
  void OnHangupRequest(const ami::Message& event);
  void OnHangup(const ami::Message& event, absl::Time at, Contexts* told);
  void OnOriginateResponse(const ami::Message& event, absl::Time at, Contexts* told);
  void OnQueueOrAgent(const ami::Message& event, absl::Time at, Contexts* told);
  void OnLineReport(const ami::Message& event);
  void OnBill(const ami::Message& event, absl::Time at, Contexts* told);
  // Facts that need nothing but their call.
  void TellOf(std::string_view uniqueid, Fact fact, absl::Time at, Contexts* told);
  void RememberEnded(const std::string& key);

  const TrackerOptions options_;
  std::map<std::string, Channel, std::less<>> channels_;     // by Uniqueid
  std::map<std::string, Call, std::less<>> calls_;           // by key
  std::map<std::string, std::string, std::less<>> aliases_;  // a later Linkedid of a call
  std::deque<std::string> ended_;                            // the latest, for what comes after the end
};

// Channels that are parts of the exchange and no party of a call.
bool IsPlumbing(std::string_view channel_name);

}  // namespace trunkline::providers::sip
