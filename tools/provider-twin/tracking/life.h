// What happens to calls in time: they begin, ring, are answered, end and are settled; and much later somebody changes
// them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tools/provider-twin/tracking/account.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::tracking {

// What is told by webhooks; the platform has words of its own for it.
enum class Event { kStarted, kRinging, kAnswered, kEnded, kConverted, kPayout, kRecording, kChanged };

// Which webhooks calls send.
enum class Telling {
  kNothing,
  kNews,  // of what happens from now on
  kAll,   // of calls that are over too: their end, and what was settled
};

enum class ChangeKind { kMoney, kConversion, kTags, kRecording, kDelete };
std::optional<ChangeKind> ChangeKindOf(std::string_view word);

class Life {
 public:
  using Tell = std::function<void(Account& account, uint32_t call, Event event)>;
  // Whether a deleted call of the platform is still shown, as deleted.
  Life(World& world, bool shows_deleted, Tell tell)
      : world_(world), shows_deleted_(shows_deleted), tell_(std::move(tell)) {}

  // The platform's clock.
  int64_t NowMs(const Account& account) const;

  // Now, or when it begins. It is as far as it would be by now; what is left of it happens in time.
  void Begin(Account& account, const Call& call, Telling telling);
  // A call as it is told, settled, in place of another of that id.
  void Put(Account& account, const Call& call, const std::string& id, std::map<std::string, std::string> tags,
           Telling telling);
  // False for a call that cannot change so: it has not ended, or is deleted.
  bool Change(Account& account, uint32_t number, ChangeKind kind, bool tells);
  void ChangeLater(Account& account, uint32_t number, ChangeKind kind, bool tells, int64_t in_ms);
  // By the API: values that were asked for.
  void Set(Account& account, uint32_t number, const std::function<void(Call&, CallExtras&)>& change);

  // Forgets what is planned.
  void Reset() { ++generation_; }

 private:
  void BeginNow(Account& account, const Call& call, Telling telling, bool as_planned);
  void PlanNext(Account& account, uint32_t number, Telling telling);
  void Enter(Account& account, uint32_t number, Stage stage, Telling telling);
  void TellSettled(Account& account, uint32_t number);
  void After(int64_t ms, std::function<void()> task);

  World& world_;
  bool shows_deleted_;
  Tell tell_;
  uint64_t generation_ = 0;
};

}  // namespace trunkline::twin::tracking
