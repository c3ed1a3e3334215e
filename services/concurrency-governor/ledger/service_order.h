// Who comes first when there is not enough. Every request stands in the line of its business. A free place goes to
//   1. a business that has less than its guarantee,
//   2. else the one with the smallest (slots in use + 1) / weight,
//   3. among equals the one that was served longest ago,
// and there to the first request, priority before ordinary, that every level lets pass. A request that a narrower level
// holds up keeps nobody behind it waiting, until `most_passed` others of its business were granted since: from then on
// the places that become free at its narrower levels are kept for it, so that it meets all of them free at once one
// day. Businesses go beyond their concurrency, up to their burst, only with what is left when all of this is done. A
// request that does not wait goes through the same line, so that it passes nobody. Only who comes when all lines are
// empty and every level lets it pass is served before the others of its moment.
//
// How long that can take. Let D be the longest call, G the global limit, and s the whole part of G * weight / sum of
// the weights of all businesses that want slots. As long as only the global limit holds it up, the k-th request in the
// line of its business has its slot after at most 2 * D * ceil(k / s): a business that waits throughout any time D
// holds s slots at some moment of it, all of which it got in the time 2 * D before its end. The tests hold it to that.
//
// A request that narrower levels hold up, however many of them, is passed by no more than `most_passed` later ones of
// its line. After that a place at each of its levels becomes free within D for every earlier request that wants it, and
// for this one: it waits D * (1 + earlier ones that name a level of it) more at the longest, beside the bound above.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/level_book.h"
#include "services/concurrency-governor/ledger/waiting_line.h"

namespace trunkline::governor {

class ServiceOrder {
 public:
  using Grant = std::function<void(WaitingRequest request)>;

  explicit ServiceOrder(uint64_t most_passed) : most_passed_(most_passed) {}

  // Takes the requests that may pass now out of the line, one after the other, and hands each to `grant`, which enters
  // it into the book before it returns. With `burst`, businesses may go beyond their concurrency. Gives the time at
  // which a rate or a learned ceiling may let somebody pass whom it held up.
  absl::Time Serve(const LevelBook& book, absl::Time now, bool burst, WaitingLine* waiting, const Grant& grant);

 private:
  class Pass;
  struct Turn;
  struct Served {
    uint64_t last = 0;  // when, by servings_
    uint64_t times = 0;
  };
  using Business = std::pair<const std::string, Served>;  // by its id

  uint64_t most_passed_;
  absl::node_hash_map<std::string, Served> served_;
  uint64_t servings_ = 0;
};

}  // namespace trunkline::governor
