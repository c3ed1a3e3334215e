// Keeps what a replica owns: joins, beats, takes what nobody owns, and hands everything over at the end. A thread of
// its own.
//
//   class Campaigns final : public ownership::Owner { ... };
//   ownership::Keeper keeper({.name = "campaigns", .replica = {...}}, campaigns, clock);
//   ...
//   keeper.Stop();
//
// Without its session the replica owns nothing: the work on everything is ended, and begins anew when it has joined
// again. So it does when it gave no sign of life for so long that others may have taken over.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/ownership/replica.h"

namespace trunkline::ownership {

// Does the work on what is owned. Called by the keeper's thread; must not block for long.
class Owner {
 public:
  // Why the work ends.
  enum class Drop {
    kHandedOver,  // another replica is to go on
    kLost,        // another replica may go on already
  };

  virtual ~Owner() = default;
  // The replica has joined, and owns nothing.
  virtual void Joined() {}
  // Nothing may be done after this time, unless a later one is told.
  virtual void MayActUntil(absl::Time /*limit*/) {}
  // Again and again: lets go of what is over, and takes what nobody owns. True when it is to come again soon.
  virtual absl::StatusOr<bool> Look(Replica& replica, absl::Time now) = 0;
  // Ends the work on everything, and returns what it was; when it returns nothing is done any more.
  virtual std::vector<Ownership> DropAll(Drop why) = 0;
};

class Keeper {
 public:
  struct Options {
    std::string name;  // of what is owned, for logs: "campaigns"
    Replica::Options replica;
    absl::Duration heartbeat = absl::Seconds(30);
    absl::Duration look = absl::Seconds(1);  // at the latest; sooner after a notice
  };

  // Both outlive the object. The clock goes evenly.
  Keeper(Options options, Owner& owner, const Clock& clock);
  ~Keeper();

  // Hands everything over to other replicas, and ends. May be called again.
  void Stop();
  // OK while it has joined. Any thread; does not block.
  absl::Status status() const;

 private:
  void Run(const std::stop_token& stop);
  absl::Status Round();
  void SetStatus(absl::Status status);

  const Options options_;
  Owner& owner_;
  const Clock& clock_;
  // Of the thread.
  std::unique_ptr<Replica> replica_;
  absl::Time beaten_at_;
  absl::Time looked_at_;
  bool changed_ = false;

  mutable std::mutex mutex_;
  absl::Status status_;
  std::jthread thread_;
};

}  // namespace trunkline::ownership
