// How a dial in doubt may be settled, by what the provider can be asked and by what the business decided.
//
// A provider that lists its calls, ended ones too, settles every doubt. Of one that lists live calls only, or none, a
// call that is not found may have been placed and be over: nobody can tell, and it is the business that decides, by two
// settings of its provider account:
//
//   dial_doubt_residue   keep (default): the dial stays in doubt until a webhook tells; nobody is called twice
//                        not_placed: after the wait it counts as not placed, and may be asked for again
//   dial_doubt_wait      seconds after the dial before not_placed applies; 600 by default
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/provider.h"

namespace trunkline::gateway {

struct DoubtPolicy {
  bool can_list = false;       // the provider can be asked at all
  bool list_is_whole = false;  // what it does not list was not placed
  bool give_up = false;        // residue not_placed
  absl::Duration wait = absl::Minutes(10);
};

DoubtPolicy DoubtPolicyOf(const providers::Account& account, const std::set<providers::v1::Feature>& features);

// What is wrong with the two settings.
std::vector<providers::AccountProblem> CheckDoubtSettings(const providers::Account& account);

}  // namespace trunkline::gateway
