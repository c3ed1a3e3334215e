// How fast a campaign's calls begin: never more than its calls per second and per minute in any such time, never two
// closer than its spacing, and slowly at first where it ramps up. A state machine without I/O, of one campaign.
//
//   const int most = pacer.Admit(now, wanted);   // may begin; they count as begun until they are settled
//   pacer.Begun(committed_at, n);                // of these, committed
//   pacer.Returned(m);                           // of these, put back: no slot, or a rule stood in the way
//
// A call begins when its attempt is committed. As what is admitted counts from its admission on until that, the limits
// hold whenever in between the commit is made.
#pragma once

#include <deque>

#include "absl/time/time.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

class Pacer {
 public:
  // `usual_spacing` holds where the campaign sets none (SUBSEQUENT_CALL_WAIT). `running_since` is when the campaign was
  // started or resumed last: the ramp begins there. After a change of owners Begun() is told the commits of the last
  // minute and the very last one, the earliest first.
  Pacer(const v1::Pacing& pacing, absl::Duration usual_spacing, absl::Time running_since);

  // New settings; what has begun stays known.
  void Change(const v1::Pacing& pacing, absl::Duration usual_spacing);
  // The campaign goes on after a pause.
  void Resume(absl::Time running_since);

  // How many of `wanted` may begin now. They are under way until Begun() or Returned().
  int Admit(absl::Time now, int wanted);
  void Begun(absl::Time at, int count = 1);
  void Returned(int count);

  // When one more may be admitted, if nothing is settled until then; `now` when it may now; absl::InfiniteFuture() when
  // that waits for a settlement.
  absl::Time NextAdmission(absl::Time now) const;

  // Calls that began within the last minute.
  int BegunWithinMinute(absl::Time now) const;
  int under_way() const { return under_way_; }
  // Calls a second that the settings come to at that time; infinite without a limit.
  double SpeedAt(absl::Time now) const;

 private:
  int Room(absl::Time now) const;
  absl::Time NextInWindow(int most, absl::Duration length, absl::Time now) const;
  // How much of the ramp's calls has come by, and when that will be so much.
  double RampedCalls(absl::Time at) const;
  absl::Time WhenRamped(double calls) const;
  bool Ramps(absl::Time now) const;
  double FullSpeed() const;
  void Trim(absl::Time now);

  int per_second_ = 0;
  int per_minute_ = 0;
  absl::Duration spacing_;
  absl::Duration ramp_up_;
  absl::Time running_since_;
  std::deque<absl::Time> begun_;  // of the last minute, and the very last one
  int under_way_ = 0;
  double ramp_spent_ = 0;  // of RampedCalls(), what calls have used up
};

}  // namespace trunkline::scheduler
