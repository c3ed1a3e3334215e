// Follows the channels of an exchange, to tell what an event means for its call. One event is often not enough: who
// hung up is said before the channel ends, a transfer ends a channel and not the call, music is no hold, and a caller
// who gives up looks like a fault of the network.
//
// A tracker belongs to one link; it does no I/O and has no clock.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/sip/ami/message.h"
#include "libs/providers/sip/call_book.h"
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
  using Contexts = std::vector<CallContext>;

  // Follows a channel whose Linkedid has become another one.
  void Follow(const ami::Message& event, std::string_view prefix, absl::Time at, Contexts* told);
  CallContext Tell(const TrackedCall& call, Fact fact, absl::Time at) const;
  void End(std::string_view key, absl::Time at, Contexts* told);
  CallContext TellEnd(const TrackedCall& call, absl::Time at) const;
  calls::v1::HangupSource SideOf(const TrackedCall& call, std::string_view uniqueid) const;

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

  const TrackerOptions options_;
  CallBook calls_;
};

}  // namespace trunkline::providers::sip
