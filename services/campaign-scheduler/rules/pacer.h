// How fast a campaign's calls begin: never more than its calls per second and per minute in any such time, never two
// closer than its spacing, and slowly at first where it ramps up. A state machine without I/O, of one campaign.
//
//   const int most = pacer.Admit(now, wanted);   // may begin; they count as begun until they are settled
//   pacer.Begun(committed_at, n);                // of these, committed
//   pacer.Returned(m);                           // of these, put back: no slot, or a rule stood in the way
//
// A call begins when its attempt is committed. What is admitted counts from its admission on until that, so that the
// limits hold whenever in between the commit is made. `now` may stand still or go back; a pacer goes on from the latest
// time that it knows.
#pragma once

#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

class Pacer {
 public:
  // `usual_spacing` holds where the campaign sets none (SUBSEQUENT_CALL_WAIT). `running_since` is when the campaign was
  // started or resumed last: the ramp begins there. After a change of owners Begun() is told the commits of the last
  // minute and the very last one, the earliest first, before anything is admitted.
  Pacer(const v1::Pacing& pacing, absl::Duration usual_spacing, absl::Time running_since);

  // New settings; what has begun stays known.
  void Change(const v1::Pacing& pacing, absl::Duration usual_spacing);
  // The campaign goes on after a pause.
  void Resume(absl::Time running_since);

  // How many of `wanted` may begin now. They are under way until Begun() or Returned().
  int Admit(absl::Time now, int wanted);
  void Begun(absl::Time at, int count = 1);
  void Returned(int count);

  // When one more may be admitted if nothing is settled until then; `now` when it may now, absl::InfiniteFuture() when
  // that waits for a settlement.
  absl::Time NextAdmission(absl::Time now) const;

  int under_way() const { return under_way_; }
  // Calls a second that the settings come to at that time; infinity without a limit.
  double SpeedAt(absl::Time now) const;

 private:
  bool Ramps(absl::Time now) const { return now < running_since_ + ramp_up_; }
  // Calls a second after the ramp.
  double FullSpeed() const;
  // How many calls the ramp lets begin from its beginning up to that time. Of these, what was not used is kept for one
  // second, or until it is one call.
  double RampedCalls(absl::Time at) const;
  double KeptCalls(absl::Time at) const;
  // When the ramp lets one more begin after those that have.
  absl::Time NextOfRamp() const;
  // When a window of that length has room for one more that counts now.
  absl::Time NextOfWindow(int most, absl::Duration length) const;
  void Trim(absl::Time now);

  int per_second_ = 0;
  int per_minute_ = 0;
  absl::Duration spacing_;
  absl::Duration ramp_up_;
  absl::Time running_since_;
  std::deque<absl::Time> begun_;  // of the last minute, and the very last one
  int under_way_ = 0;
  double ramp_used_ = 0;  // of RampedCalls()
};

}  // namespace trunkline::scheduler
