// Whether a campaign fails so often that it should stop by itself: the latest attempts that this owner saw ending. It
// begins anew with a resume and with another owner, so that somebody who goes on knowingly is not stopped at once.
#pragma once

#include <cstddef>
#include <deque>

#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

class FailureWindow {
 public:
  void Note(bool failed);
  void Clear();
  // True when enough attempts were seen and too many of the latest failed.
  bool IsTooMuch(const campaigns::v1::AutoPause& limit) const;

 private:
  std::deque<bool> latest_;  // the newest last
};

}  // namespace trunkline::scheduler
