#include "tools/provider-twin/tracking/generator.h"

#include <algorithm>
#include <array>

#include "tools/provider-twin/tracking/draws.h"

namespace trunkline::twin::tracking {
namespace {

constexpr int64_t kCostPerMinute = 340;  // 0.034
constexpr int64_t kCent = 100;
constexpr int64_t kLongEnoughToConvert = 30;

constexpr std::array<CallerPlace, 8> kPlaces = {{{"202", "DC", "Washington", "20001"},
                                                 {"415", "CA", "San Francisco", "94103"},
                                                 {"919", "NC", "Raleigh", "27601"},
                                                 {"312", "IL", "Chicago", "60601"},
                                                 {"614", "OH", "Columbus", "43004"},
                                                 {"719", "CO", "Colorado Springs", "80920"},
                                                 {"206", "WA", "Seattle", "98101"},
                                                 {"305", "FL", "Miami", "33101"}}};
constexpr std::array<const char*, 5> kSources = {"google", "bing", "facebook", "tv", ""};

struct Share {
  Ending ending;
  double share;  // of the calls that did not connect
};
constexpr std::array<Share, 6> kShares = {{{Ending::kCallerGaveUp, 0.4},
                                           {Ending::kNoAnswer, 0.2},
                                           {Ending::kBusy, 0.1},
                                           {Ending::kVoicemail, 0.1},
                                           {Ending::kBlocked, 0.05},
                                           {Ending::kNoTarget, 1}}};

Ending DrawEnding(Draws& draws, double connected) {
  if (draws.Happens(connected)) return Ending::kTalked;
  auto left = static_cast<double>(draws.Between(0, 999)) / 1000;
  for (const Share& share : kShares) {
    if (left < share.share) return share.ending;
    left -= share.share;
  }
  return Ending::kNoTarget;
}

template <typename Rows>
uint16_t DrawRow(Draws& draws, const Rows& rows) {
  return static_cast<uint16_t>(draws.Next() % rows.size());
}

int64_t MoneyOf(Draws& draws) { return draws.Between(500, 9'500) * kCent; }

}  // namespace

Call MakeCall(const CallWish& wish, int64_t index, const Catalogue& catalogue) {
  Call call;
  call.seed = SeedOf(wish.seed, static_cast<uint64_t>(index));
  Draws draws(call.seed);
  const double slot = static_cast<double>(wish.to_ms - wish.from_ms) / static_cast<double>(wish.count);
  const double place = static_cast<double>(index) + static_cast<double>(draws.Between(0, 999)) / 1000;
  call.started_ms = wish.from_ms + static_cast<int64_t>(slot * place);
  call.ending = DrawEnding(draws, wish.connected);
  // One in fifty withholds its number.
  const int64_t subscriber = 5'550'000 + draws.Between(0, 3'999'999);
  call.caller =
      draws.Happens(0.02) ? 0 : 10'000'000'000 + std::atoll(PlaceOf(call).area_code) * 10'000'000 + subscriber;
  call.menu_seconds = static_cast<int32_t>(draws.Between(2, 12));
  call.ring_seconds = static_cast<int32_t>(draws.Between(3, 25));
  if (call.ending == Ending::kTalked) {
    call.talk_seconds = static_cast<int32_t>(draws.Between(wish.least_talk_seconds, wish.most_talk_seconds));
  }
  call.settle_ms = static_cast<int32_t>(draws.Between(5'000, 60'000));
  call.number = DrawRow(draws, catalogue.numbers);
  call.campaign = DrawRow(draws, catalogue.campaigns);
  call.publisher = DrawRow(draws, catalogue.publishers);
  call.target = DrawRow(draws, catalogue.targets);
  call.recorded = call.ending == Ending::kTalked && draws.Happens(0.9);
  call.converts = call.talk_seconds >= kLongEnoughToConvert && draws.Happens(wish.converted);
  if (call.converts) {
    call.revenue = MoneyOf(draws);
    call.payout = call.revenue * draws.Between(60, 90) / 100 / kCent * kCent;
  }
  call.cost = (call.WaitSeconds() + call.talk_seconds + 59) / 60 * kCostPerMinute;
  return call;
}

const CallerPlace& PlaceOf(const Call& call) { return kPlaces[call.seed % kPlaces.size()]; }

const char* SourceOf(const Call& call) { return kSources[call.seed / kPlaces.size() % kSources.size()]; }

}  // namespace trunkline::twin::tracking
