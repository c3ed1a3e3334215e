// Decides who may have one more call in progress. A state machine without I/O: commands and the time go in, decisions
// and changes for the journal come out. The same commands at the same times always give the same decisions.
//
//   ledger.Acquire(ticket, wish, deadline, now);   // and other commands
//   ledger.Advance(now);                           // once after each batch of commands, and at NextWake()
//   journal.Commit(ledger.TakeChanges());          // before anybody hears of
//   Deliver(ledger.TakeDecisions());
//
// Who comes first when there is not enough: service_order.h.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/concurrency-governor/ledger/journaled_slots.h"
#include "services/concurrency-governor/ledger/ledger_changes.h"
#include "services/concurrency-governor/ledger/level_book.h"
#include "services/concurrency-governor/ledger/service_order.h"
#include "services/concurrency-governor/ledger/slot.h"
#include "services/concurrency-governor/ledger/waiting_line.h"

namespace trunkline::governor {

struct LedgerOptions {
  LevelDefaults levels;
  absl::Duration reservation = absl::Seconds(30);   // of a slot that is bound to no call
  absl::Duration silence = absl::Minutes(10);       // after which a call is asked about
  absl::Duration first_news = absl::Minutes(2);     // the same for one of which nothing was heard yet
  absl::Duration longest_silence = absl::Hours(4);  // after which it is given up when nobody can tell
  absl::Duration memory = absl::Minutes(10);        // of slots that have ended, for requests that come again
  absl::Duration retry_after = absl::Seconds(1);    // told where it is not known when a slot becomes free
  size_t most_waiting = 10'000;
  // Requests of a business that may be granted while narrower levels hold one of it up.
  uint64_t most_passed = 100;
};

// What came of an Acquire.
struct Decision {
  enum class Outcome {
    kGranted,
    kRefused,  // `shut` says where
    kReused,   // the request_id came before for something else
    kEnded,    // the request's slot has ended already
  };
  Ticket ticket = 0;
  Outcome outcome = Outcome::kRefused;
  Slot slot;
  std::vector<Gate> shut;
  absl::Duration retry_after;
};

// Names a slot by one of its ids.
struct SlotReference {
  enum class By { kSlot, kRequest, kCall };
  std::string business_id;
  By by = By::kSlot;
  std::string id;
  int64_t fencing_token = 0;  // 0: any
};

// What an event tells of a call.
struct CallNews {
  std::string call_id;
  Subject subject;
  bool inbound = false;
  bool ended = false;
  absl::Time at;
};

// What the one who was asked about a call knows of it.
enum class CallLife { kAlive, kEnded, kUnknown };

class SlotLedger {
 public:
  // Fencing tokens grow with the epoch.
  SlotLedger(LedgerOptions options, int64_t epoch);

  // What the journal holds. Before anything else, and once.
  void Restore(const std::vector<std::pair<LevelKey, Limits>>& limits, const JournaledSlots& journal,
               const LearnedCeilings& learned);

  // Decided in Advance(), now or at the latest at the deadline.
  void Acquire(Ticket ticket, SlotWish wish, absl::Time deadline, absl::Time now);
  // FAILED_PRECONDITION SLOT_NOT_FOUND when the slot has ended, never was, or belongs to another call.
  // `chosen` are the provider account and the number of the call, as far as they are known: a slot that was granted
  // without them counts for them from now on. kRefused where one of these is full; then the slot stays as it is.
  absl::StatusOr<Decision> Bind(const SlotReference& reference, const std::string& call_id, const Subject& chosen,
                                absl::Time now);
  absl::StatusOr<Slot> Renew(const SlotReference& reference, absl::Time now);
  // The slot as it ended; FAILED_PRECONDITION SLOT_NOT_FOUND when it is not known.
  absl::StatusOr<Slot> Release(const SlotReference& reference, ReleaseReason reason, absl::Time now);
  void NoteCall(const CallNews& news, absl::Time now);
  void NoteInquiry(const std::string& call_id, CallLife life, absl::Time now);
  // All or nothing: INVALID_ARGUMENT when the guarantees do not fit into the global limit any more.
  absl::Status SetLimits(const std::vector<std::pair<LevelKey, Limits>>& limits, const std::vector<LevelKey>& cleared);
  // The ceiling that holds from now on.
  int NoteRefusal(const std::string& provider_account_id, absl::Time now);

  void Advance(absl::Time now);
  std::vector<Decision> TakeDecisions() { return std::exchange(decisions_, {}); }
  LedgerChanges TakeChanges();
  // When Advance() has something to do next, apart from commands.
  absl::Time NextWake() const;

  // Looking.
  std::vector<Gate> Explain(const Subject& subject, SlotKind kind, absl::Time now) const;
  const LevelBook& book() const { return book_; }
  const WaitingLine& waiting() const { return waiting_; }
  std::vector<Slot> LiveSlots() const;
  size_t live() const { return live_; }
  // Calls of which nothing was heard for long, the longest first.
  std::vector<Slot> SilentCalls(absl::Time now) const;
  // Calls of which nothing was heard since their slot was bound to them, for longer than the first news takes: their
  // gateway may have died before it committed them.
  std::vector<Slot> UnheardCalls(absl::Time now) const;

 private:
  struct Entry;
  // By a time; tokens keep those of the same time in order.
  using Schedule = std::map<std::pair<absl::Time, int64_t>, Entry*>;
  // What the journal does not have of a slot yet.
  enum class Unwritten { kNothing, kEnd, kAll };
  // A slot, and what the journal knows of it.
  struct Entry {
    Slot slot;
    Schedule::iterator scheduled = {};               // in reservations_ while it is one, in ended_ when it has ended
    Unwritten unwritten = Unwritten::kNothing;       // else it is among changed_
    int64_t line = 0;                                // the last that tells all of it; 0 when none does
    std::list<Entry*>::iterator place_by_line = {};  // in by_line_, when one does
    absl::Time news_journaled;                       // last_news_at as the journal has it
    bool heard = false;                              // of its call, since the slot was bound to it
  };

  Entry* Find(const SlotReference& reference);
  absl::StatusOr<Entry*> FindLive(const SlotReference& reference);
  absl::Status Tie(Entry* entry, const std::string& call_id, absl::Time now);
  void End(Entry* entry, ReleaseReason reason, absl::Time now);
  void Regrant(Entry* entry, std::shared_ptr<const SlotGrant> grant);
  Entry* Put(Slot slot);
  void CountIn(Entry* entry);
  static void PutOn(Schedule* schedule, absl::Time at, Entry* entry);
  void Change(Entry* entry, Unwritten what = Unwritten::kAll);
  void WriteWhole(Entry* entry, std::vector<Slot>* lines);
  void WriteEnd(Entry* entry, std::vector<Slot>* lines);
  // Something was heard of the slot's call. The journal hears of it when the last time that it knows is some while ago.
  void Hear(Entry* entry, absl::Time now);
  std::vector<Slot> CallsWithoutNews(absl::Time now, absl::Duration silence, bool unheard_only) const;
  void Grant(WaitingRequest request, absl::Time now);
  void Refuse(const WaitingRequest& request, absl::Time now);
  Decision RefusalBy(std::vector<Gate> shut, absl::Time now) const;
  void Decide(absl::Span<const Ticket> tickets, Decision decision);
  void ExpireReservations(absl::Time now);
  void Forget(absl::Time now);
  absl::Time ForgetAt(const Slot& slot) const;
  absl::Time NowNotBefore(absl::Time now);

  const LedgerOptions options_;
  const int64_t epoch_;
  int64_t granted_ = 0;
  absl::Time now_ = absl::InfinitePast();  // never goes back
  LevelBook book_;
  absl::flat_hash_map<absl::string_view, std::unique_ptr<Entry>> slots_;  // the id is the slot's own
  size_t live_ = 0;
  absl::flat_hash_map<std::string, Entry*> by_call_;  // live slots
  Schedule reservations_;
  Schedule ended_;  // by the time at which they are forgotten
  WaitingLine waiting_;
  ServiceOrder order_;
  bool must_serve_ = false;
  absl::Time serve_at_ = absl::InfiniteFuture();  // when a rate or a learned ceiling lets somebody pass

  std::vector<Decision> decisions_;
  std::vector<Entry*> changed_;
  std::list<Entry*> by_line_;  // those that the journal has, in the order of their lines
  int64_t next_line_ = 1;
  std::set<LevelKey> changed_limits_;
  std::set<std::string> changed_learned_;
};

}  // namespace trunkline::governor
