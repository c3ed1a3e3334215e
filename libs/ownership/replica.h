// One replica of a service in the database: that it lives, and which things it owns.
//
//   CREATE TABLE example_replicas (replica_id uuid PRIMARY KEY, lock_key bigint GENERATED ALWAYS AS IDENTITY,
//                                  address text NOT NULL, started_at timestamptz NOT NULL DEFAULT now(),
//                                  heartbeat_at timestamptz NOT NULL DEFAULT now())
//   CREATE TABLE examples (example_id uuid PRIMARY KEY, business_id uuid NOT NULL, replica_id uuid,
//                          epoch bigint NOT NULL DEFAULT 0, ...)
//
// A replica lives as long as its session: a lock that only its session holds tells so, and is free at the moment in
// which the process dies. A process that is there and does nothing is known by its heartbeat. Whoever takes a thing
// raises its epoch; an owner whose transactions begin with the thing's row in its own epoch commits nothing after that.
//
//   auto replica = Replica::Join({.tables = kTables, .database_url = url, .address = "10.0.0.1:7090"});
//   for (Claim& claim : *replica->ClaimOrphans(owned.size(), now)) owned.push_back(claim.ownership);   // every second
//   replica->Beat();                                                                             // every few seconds
//   replica->HandOver(owned);                                                                    // at the end
//
// Used by one thread; blocks. After an error the session may be lost, and another replica may take everything: the
// object is to be thrown away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"

namespace trunkline::ownership {

// A thing, as its owner.
struct Ownership {
  std::string id;
  std::string business_id;
  int64_t epoch = 0;

  bool operator==(const Ownership&) const = default;
};

// A thing that this replica owns from now on.
struct Claim {
  Ownership ownership;
  std::string reason;  // why the owner before does not: "started", "handed_over", "died", "silent"
};

// The tables of a service. Names and queries are parts of SQL: never of anything that somebody sent.
struct Tables {
  std::string replicas;  // "example_replicas"
  std::string owned;     // "examples"
  std::string key;       // "example_id"
  std::string wanted;  // the keys of those that are to have an owner: "SELECT example_id FROM examples WHERE is_wanted"
  int lock_class = 0;  // the first half of the keys of the replicas' locks
  std::string channel;  // of notices that something is to be owned
};

class Replica {
 public:
  struct Options {
    Tables tables;
    std::string database_url;
    std::string address;  // told to whoever asks who owns a thing
    // What is to be committed together with the taking of things, at least one; may be empty. When it fails nothing is
    // taken.
    std::function<absl::Status(postgres::Transaction&, const std::string& replica_id, const std::vector<Claim>&)>
        on_taken = {};
    absl::Duration silence = absl::Minutes(2);   // after which a replica counts as gone
    absl::Duration courtesy = absl::Seconds(3);  // for others to take their part of what nobody owns
  };

  static absl::StatusOr<std::unique_ptr<Replica>> Join(Options options);
  // Ends the session.
  ~Replica();

  const std::string& id() const { return id_; }
  // Shows that it lives.
  absl::Status Beat();
  // Takes things that nobody owns: up to this replica's fair part, of which it owns `owned` already; beyond it what
  // others leave.
  absl::StatusOr<std::vector<Claim>> ClaimOrphans(size_t owned, absl::Time now);
  // Things that this replica does not own any more: nothing of them is under way.
  absl::Status LetGo(const std::vector<Ownership>& finished);
  // Things that another one is to go on with at once.
  absl::Status HandOver(const std::vector<Ownership>& owned);
  // True when there was a notice; false when there was none in that time.
  absl::StatusOr<bool> WaitForChange(absl::Duration limit);

 private:
  Replica(Options options, std::string id, std::unique_ptr<postgres::Connection> session);
  struct Orphan {
    std::string id;
    int64_t epoch;
    std::string reason;
  };
  struct Look {
    std::vector<Orphan> orphans;
    size_t things = 0;    // that somebody has to own
    size_t replicas = 1;  // that live
  };
  absl::StatusOr<Look> LookForOrphans();
  absl::StatusOr<std::vector<Claim>> Take(const std::vector<Orphan>& orphans);

  const Options options_;
  const std::string id_;
  const std::unique_ptr<postgres::Connection> session_;
  std::map<std::string, absl::Time> seen_;  // since when nobody owns them, by id
};

}  // namespace trunkline::ownership
