// The one writer: a thread that takes every command that waits, lets the ledger decide on all of them, commits what has
// changed with one commit, and only then has the answers told, by a thread that does nothing else. While it commits,
// the next commands gather, and the answers of the batch before are told.
//
// When a commit fails, nothing that was decided with it is told. The loop forgets its ledger and stands for leader
// again, which reads the journal: whether the failed commit is in it or not, what is granted next counts with it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "services/concurrency-governor/admission/telling_thread.h"
#include "services/concurrency-governor/journal/journal.h"
#include "services/concurrency-governor/ledger/slot_ledger.h"
#include "services/concurrency-governor/metrics/governor_metrics.h"

namespace trunkline::governor {

class DecisionLoop {
 public:
  struct Parts {  // all of them outlive the loop
    Journal& journal;
    GovernorMetrics& metrics;
    const Clock& clock;
  };
  struct Options {
    LedgerOptions ledger;
    absl::Duration sign_of_life = absl::Seconds(1);     // how often the journal is told that the leader lives
    absl::Duration election = absl::Milliseconds(200);  // how often a replica that does not lead stands for it
    size_t most_commands = 100'000;                     // that may wait
  };
  // What this replica leads with: where the reading of call events goes on.
  struct Lead {
    int64_t epoch = 0;
    Positions positions;
  };

  using Work = std::function<void(SlotLedger& ledger, absl::Time now)>;
  using Done = std::function<void(const absl::Status& status)>;
  // Of one of several wishes, by its place among them.
  using Decided = std::function<void(size_t index, const absl::StatusOr<Decision>& decision)>;

  DecisionLoop(Parts parts, Options options);
  // Answers whoever waits, and gives the leadership up.
  ~DecisionLoop();

  // All of these may be called from any thread. The callbacks come one after the other, or at once from the caller's
  // thread when nothing was asked, and must not block. Errors: FAILED_PRECONDITION NOT_LEADER with the leader's
  // address, UNAVAILABLE NOT_LEADER while there is none, UNAVAILABLE DEPENDENCY_UNAVAILABLE while the journal is away,
  // UNAVAILABLE SHUTTING_DOWN.

  // A slot for each wish, now or at the latest after `wait`; each is decided on its own.
  void AcquireAll(std::vector<SlotWish> wishes, absl::Duration wait, Decided decided);
  // Work with the ledger; `done` hears OK when what it changed is committed, together with `positions`.
  void Do(Work work, Done done, Positions positions = {});
  // The same, waiting for it. `work` returns a status of its own.
  absl::Status DoAndWait(const std::function<absl::Status(SlotLedger& ledger, absl::Time now)>& work,
                         Positions positions = {});

  // Takes no new commands and answers those that wait. Callable once.
  void Stop();

  // Nothing while this replica does not lead.
  std::optional<Lead> lead() const;
  // OK while this replica leads or knows who does.
  absl::Status status() const;
  // Grows with every change of what is in use.
  uint64_t changes() const;

 private:
  struct Command {
    Work work;
    Done done;
    Positions positions;
  };
  // Keeps it for the thread; what it is answered otherwise.
  absl::Status Take(Command& command);
  // Wishes that came together: their tickets follow one another.
  struct Asked {
    std::shared_ptr<const Decided> decided;
    std::vector<bool> open;  // those that are not decided
    size_t left = 0;         // how many they are
  };
  struct Answer {
    std::shared_ptr<const Decided> decided;
    size_t index = 0;
    absl::StatusOr<Decision> decision;
  };

  void Run(const std::stop_token& stop);
  // Leads, or knows why not.
  void Stand();
  void DecideBatch(const std::stop_token& stop);
  std::vector<Command> TakeBatch(const std::stop_token& stop);
  std::vector<Answer> AnswersOf(std::vector<Decision> decisions);
  static void Tell(const std::vector<Answer>& answers);
  void StandDown(const absl::Status& cause, std::vector<Command> batch, std::vector<Answer> answers);
  void RefuseWaiting(const absl::Status& status);
  void SetState(absl::Status refusal, std::optional<Lead> lead);

  Parts parts_;
  const Options options_;

  // Of the loop's thread.
  std::unique_ptr<SlotLedger> ledger_;
  std::map<Ticket, Asked> asked_;  // by the first ticket
  Ticket tickets_ = 0;
  absl::Time sign_of_life_due_ = absl::InfinitePast();

  mutable std::mutex mutex_;
  std::condition_variable_any added_;
  std::vector<Command> commands_;
  absl::Status refusal_;  // what commands are answered while this replica does not lead
  std::optional<Lead> lead_;
  bool stopped_ = false;
  uint64_t changes_ = 0;

  TellingThread telling_;
  std::jthread thread_;
};

}  // namespace trunkline::governor
