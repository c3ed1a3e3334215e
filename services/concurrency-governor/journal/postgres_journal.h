// The journal in PostgreSQL: some rows of slot_journal for each commit, with a line for each slot that it changed. The
// view active_calls shows the slots by their last lines.
//
// The leader holds a session lock on its one connection, so that its death frees the lock at once. A leader that is
// frozen keeps its session: when it has shown no sign of life for `silence`, the one that finds it so ends that
// session. Neither is what keeps two leaders apart. That is the epoch: each commit is one statement that takes a lock
// on the row of the leadership and does nothing unless the row still names the writer's epoch, and a new leader raises
// the epoch before it reads. A write of an older one is either committed before, and is read, or finds another epoch.
#pragma once

#include <memory>
#include <string>

#include "libs/base/clock.h"
#include "libs/postgres/connection.h"
#include "services/concurrency-governor/journal/journal.h"

namespace trunkline::governor {

class PostgresJournal final : public Journal {
 public:
  struct Options {
    std::string url;
    std::string address;  // of this replica, told to clients that ask another
    std::string topic;    // of the positions
    absl::Duration silence = absl::Seconds(5);
    absl::Duration sign_of_life = absl::Seconds(1);  // how often it is renewed, with commits
  };

  // The clock outlives the object.
  PostgresJournal(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}
  ~PostgresJournal() override { StepDown(); }

  absl::StatusOr<Election> Stand() override;
  absl::Status Commit(const LedgerChanges& changes, const Positions& positions) override;
  void StepDown() override;

 private:
  absl::StatusOr<std::string> LookAtLeader();
  absl::StatusOr<JournalContents> TakeOver();

  const Options options_;
  const Clock& clock_;
  std::unique_ptr<postgres::Connection> connection_;
  int64_t epoch_ = 0;
  absl::Time renewed_at_ = absl::InfinitePast();
  int64_t deleted_until_ = 0;  // no line before it is left
};

}  // namespace trunkline::governor
