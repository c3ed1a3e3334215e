// Runs one campaign: which contact is called next, and what becomes of every attempt. A state machine without I/O: inputs
// and the time go in, effects come out. The same inputs at the same times always give the same effects.
//
//   CampaignEngine engine(takeover, options, now);
//   Effects effects = engine.Start(now);
//   ... do them; for whatever comes back:
//   effects = engine.Handle(input, now);      // and TimePassed at engine.wake_at()
//
// Used by one thread at a time. What it holds in memory can be lost at any instant: a new engine over a new Takeover
// goes on, with attempts of the same ids. What it may not do without a commit is to dial, and to believe that an attempt
// has ended.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/effects.h"
#include "services/campaign-scheduler/engine/inputs.h"

namespace trunkline::scheduler {

struct EngineOptions {
  absl::Duration call_spacing = absl::Seconds(6);       // SUBSEQUENT_CALL_WAIT, of campaigns without one
  absl::Duration slot_wait = absl::Seconds(5);          // MAX_CONCURRENT_CALL_WAIT, of campaigns without one
  absl::Duration dial_time = absl::Seconds(20);         // from the commit of an attempt to its dial_before
  absl::Duration warm_up_timeout = absl::Seconds(60);   // BOT_WARMUP_TIMEOUT, of campaigns without one
  int warm_up_retries = 3;                              // BOT_WARMUP_RETRIES, of campaigns without one
  absl::Duration call_silence = absl::Minutes(10);      // after which a call is asked about
  absl::Duration retry = absl::Milliseconds(200);       // after something that failed for now; doubles up to retry_most
  absl::Duration retry_most = absl::Seconds(5);
  size_t batch = 500;                                   // contacts that are read, and attempts that are committed, at once
  size_t most_dialing = 500;                            // attempts that the gateway is asked for at the same time
};

// Where an engine stands, for those who watch.
struct EngineView {
  size_t ready = 0;      // contacts in hand
  size_t acquiring = 0;  // wait for slots
  size_t dialing = 0;    // attempts whose call is not known
  size_t in_call = 0;
};

class CampaignEngine {
 public:
  CampaignEngine(Takeover takeover, EngineOptions options);
  ~CampaignEngine();
  CampaignEngine(const CampaignEngine&) = delete;
  CampaignEngine& operator=(const CampaignEngine&) = delete;

  Effects Start(absl::Time now);
  Effects Handle(Input input, absl::Time now);

  // When it has something to do without an input.
  absl::Time wake_at() const;
  // Another owner runs the campaign: the engine does nothing any more.
  bool fenced() const;
  // The outcome of a commit is not known: the engine does nothing any more, and a new one has to be made over what is
  // in the database.
  bool lost() const;
  // The campaign does not run, and nothing of it is under way: its owner may let go of it.
  bool finished() const;
  EngineView view() const;
  const Campaign& campaign() const;
  int64_t epoch() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trunkline::scheduler
