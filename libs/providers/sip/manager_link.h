// The link to an exchange: hears its events, and passes on those that tell something of a call, with what came before
// (call_context.h). A thread of its own; ends at once.
#pragma once

#include <memory>
#include <thread>

#include "absl/time/time.h"
#include "libs/base/backoff.h"
#include "libs/providers/event_link.h"
#include "libs/providers/sip/ami/session.h"
#include "libs/providers/sip/ami/stop_signal.h"
#include "libs/providers/sip/call_tracker.h"

namespace trunkline::providers::sip {

struct LinkTimes {
  absl::Duration answer = absl::Seconds(10);      // for one answer of the exchange, the ping's too
  absl::Duration ping = absl::Seconds(20);        // between two pings
  absl::Duration first_pause = absl::Seconds(1);  // before connecting again; grows, and is random
  absl::Duration largest_pause = absl::Seconds(60);
};

class ManagerLink final : public EventLink {
 public:
  // `sink` outlives the link.
  ManagerLink(Account account, LinkSink& sink, LinkTimes times = {});
  ~ManagerLink() override;

 private:
  void Run();
  // Connects and hears until the connection ends; never OK.
  absl::Status Hear();
  absl::StatusOr<std::unique_ptr<ami::Session>> Open();
  absl::Status Resync(ami::Session& session);
  void PassOn(const ami::Message& event);
  // False when it is stopped meanwhile.
  bool Pause(absl::Duration length);

  const Account account_;
  LinkSink& sink_;
  const LinkTimes times_;
  CallTracker tracker_;
  Backoff backoff_;
  ami::StopSignal stop_;
  std::thread thread_;  // the last member: it uses all others
};

}  // namespace trunkline::providers::sip
