// Runs one campaign: which contact is called next, and what becomes of every attempt. A state machine without I/O:
// inputs and the time go in, effects come out. The same inputs at the same times always give the same effects.
//
//   CampaignEngine engine(takeover, options, now);
//   Do(engine.TakeEffects());
//   engine.Handle(input, now);            // of whatever comes back, and TimePassed at engine.wake_at()
//   Do(engine.TakeEffects());
//
// Used by one thread at a time. What it holds in memory can be lost at any instant: a new engine over a new Takeover
// goes on, with attempts of the same ids. What it never does without a commit is to dial, and to believe that an
// attempt has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/attempts_under_way.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/contacts_in_hand.h"
#include "services/campaign-scheduler/engine/dial_request.h"
#include "services/campaign-scheduler/engine/effects.h"
#include "services/campaign-scheduler/engine/failure_window.h"
#include "services/campaign-scheduler/engine/inputs.h"
#include "services/campaign-scheduler/engine/slot_line.h"
#include "services/campaign-scheduler/rules/pacer.h"

namespace trunkline::scheduler {

struct EngineOptions {
  absl::Duration call_spacing = absl::Seconds(6);   // SUBSEQUENT_CALL_WAIT, of campaigns without one
  absl::Duration slot_wait = absl::Seconds(5);      // MAX_CONCURRENT_CALL_WAIT, of campaigns without one
  absl::Duration dial_time = absl::Seconds(20);     // from the commit of an attempt to its dial_before
  WarmUpDefaults warm_up;                           // BOT_WARMUP_TIMEOUT, BOT_WARMUP_RETRIES
  absl::Duration call_silence = absl::Minutes(10);  // after which a call is asked about
  absl::Duration retry = absl::Milliseconds(200);   // after something that failed for now; doubles up to retry_most
  absl::Duration retry_most = absl::Seconds(5);
  absl::Duration gather = absl::Milliseconds(50);  // what is not urgent waits so long for more to commit with it
  size_t batch = 500;                              // contacts that are read, and attempts that are committed, at once
  size_t most_dialing = 100;                       // attempts without a call yet
};

// Where an engine stands, for those who watch.
struct EngineView {
  size_t ready = 0;      // contacts that were read ahead
  size_t asking = 0;     // wait for a slot
  size_t dialing = 0;    // attempts without a call yet
  size_t under_way = 0;  // attempts, all of them
};

class CampaignEngine {
 public:
  enum class Condition {
    kAtWork,
    // The campaign does not run, and nothing of it is under way: its owner may let go of it.
    kFinished,
    // Another owner runs it: this engine does nothing any more.
    kFenced,
    // Nobody knows whether a commit was made: this engine does nothing any more, and a new one goes on over what is in
    // the database.
    kLost,
  };

  CampaignEngine(Takeover takeover, EngineOptions options, absl::Time now);

  // `now` is by a clock that goes evenly (SteadyClock); it may differ from the database's by any time.
  void Handle(Input input, absl::Time now);
  Effects TakeEffects() { return std::exchange(effects_, {}); }

  // When it has something to do without an input.
  absl::Time wake_at(absl::Time now) const;
  Condition condition() const;
  EngineView view() const;
  const Campaign& campaign() const { return campaign_; }
  int64_t epoch() const { return epoch_; }

 private:
  void On(ContactsRead& read, absl::Time now);
  void On(SlotsDecided& decided, absl::Time now);
  void On(Committed& committed, absl::Time now);
  void On(DialAnswered& answered, absl::Time now) { attempts_.NoteAnswer(answered, now); }
  void On(DialFound& found, absl::Time now) { attempts_.NoteFound(found, now); }
  void On(CallInquired& inquired, absl::Time now) { attempts_.NoteInquiry(inquired, now); }
  void On(OutcomesTold& told, absl::Time now);
  void On(CampaignChanged& changed, absl::Time now) { Change(std::move(changed.campaign), now); }
  void On(ContactsChanged& /*changed*/, absl::Time now) { contacts_.ReadSoon(now); }
  void On(TimePassed& /*passed*/, absl::Time /*now*/) {}

  bool Runs() const { return campaign_.state == v1::CAMPAIGN_STATE_RUNNING; }
  void Change(Campaign campaign, absl::Time now);
  // With rules that cannot be read a campaign cannot go on.
  void CheckRules();
  absl::Time NextWake(absl::Time now) const;
  // Everything that is due.
  void GoOn(absl::Time now);
  void ReadAhead(absl::Time now);
  size_t MostToAsk(absl::Time now) const;
  void AskForSlots(absl::Time now);
  // Whether the contact may be called; if not, what becomes of it goes with the next commit.
  bool MayCall(const CampaignFacts& facts, const DueContact& contact, absl::Time now);
  void PutOff(const v1::Contact& contact, const v1::Decision& decision);
  void CollectAttempts(absl::Time now);
  AttemptEnding EndingOf(const AttemptEnd& end, absl::Time now);
  void StopFor(const AttemptEnd& end);
  absl::Time NextCommit() const;
  void SendCommit(absl::Time now);
  void LeaveOut(const DueContact& contact);  // back to be read again
  void NoteCommitted(const CommitResult& result, absl::Time now);
  void NoteEnding(const AttemptEnding& ending);
  void Release(std::vector<std::string> slot_ids);
  void StopCalling();

  const EngineOptions options_;
  const int64_t epoch_;
  Campaign campaign_;
  // Of the clock here before the database's, with the way of its answer. Everything goes by the database's time, or a
  // little less: so a campaign is paced and its attempts are dialled alike, whichever replica runs it.
  absl::Duration ahead_;
  Pacer pacer_;
  PeopleReached people_;
  FailureWindow failures_;
  ContactsInHand contacts_;
  SlotLine slots_;
  AttemptsUnderWay attempts_;
  int unfit_ = 0;  // refusals in a row for what was asked for

  CommitBatch next_;  // without attempts, which are among slots_
  std::optional<CommitBatch> committing_;
  std::vector<HeldSlot> committing_slots_;          // of its attempts, in the same order
  absl::Time commit_at_ = absl::InfinitePast();     // after one that failed
  absl::Time next_since_ = absl::InfiniteFuture();  // since when next_ is not empty
  absl::Duration commit_pause_ = absl::ZeroDuration();
  bool looked_for_completion_ = false;  // since the last read that found nothing

  bool fenced_ = false;
  bool lost_ = false;
  Effects effects_;
};

}  // namespace trunkline::scheduler
