#include "services/campaign-scheduler/simulation/model_replica.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kHeartbeat = absl::Seconds(30);
constexpr absl::Duration kSilent = absl::Seconds(120);
// A replica acts no longer than that after its last heartbeat, by the time that passed.
constexpr absl::Duration kMayAct = absl::Seconds(100);
constexpr absl::Duration kLockFree = absl::Seconds(2);  // after a crash
constexpr absl::Duration kAnswerMost = absl::Seconds(5);

}  // namespace

ModelReplica::ModelReplica(Parts parts, Options options) : parts_(parts), options_(options), faults_(options.faults) {
  ComeBack();
}

bool ModelReplica::MayAct() const {
  return alive_ && (!options_.stops_by_itself || parts_.queue.now() < heartbeat_at_ + kMayAct);
}

bool ModelReplica::MayBeReplaced() const {
  const absl::Time now = parts_.queue.now();
  return (!alive_ && now >= dead_since_ + kLockFree) || now >= heartbeat_at_ + kSilent;
}

void ModelReplica::ComeBack() {
  alive_ = true;
  ++life_;
  runs_.clear();
  heartbeat_at_ = parts_.queue.now();
  clock_offset_ = parts_.chance.Happens(faults_.wrong_clock)
                      ? parts_.chance.Between(absl::Minutes(-5), absl::Minutes(5))
                      : absl::ZeroDuration();
  parts_.queue.After(options_.tick * parts_.chance.Part(), [this, life = life_] {
    if (life == life_) Tick();
  });
}

void ModelReplica::Crash(absl::Duration until_back) {
  if (!alive_) return;
  alive_ = false;
  ++life_;
  dead_since_ = parts_.queue.now();
  runs_.clear();
  parts_.queue.After(until_back, [this] { ComeBack(); });
}

void ModelReplica::Stop(absl::Duration until_back) {
  if (!alive_ || IsCutOff()) return;
  for (const auto& [campaign_id, run] : runs_) {
    StoredCampaign& stored = parts_.store.of(campaign_id);
    if (stored.epoch == run.epoch) stored.owner = -1;
  }
  Crash(until_back);
}

void ModelReplica::Freeze(absl::Duration time) { frozen_until_ = std::max(frozen_until_, parts_.queue.now() + time); }

absl::Duration ModelReplica::Way() {
  if (parts_.chance.Happens(faults_.late)) return parts_.chance.Between(absl::Seconds(1), absl::Minutes(1));
  return parts_.chance.Between(absl::Microseconds(200), absl::Milliseconds(3));
}

// Ownership.

void ModelReplica::Tick() {
  const absl::Time now = parts_.queue.now();
  const auto again = [this, life = life_] {
    if (life == life_) Tick();
  };
  if (now < frozen_until_) return parts_.queue.At(frozen_until_, again);
  parts_.queue.After(options_.tick, again);
  if (IsCutOff()) {
    // What it holds it may lose: it stops, and reads anew later.
    if (!MayAct()) runs_.clear();
    return;
  }
  const bool was_silent = now >= heartbeat_at_ + kMayAct;
  if (was_silent && options_.stops_by_itself) runs_.clear();
  if (now >= heartbeat_at_ + kHeartbeat) heartbeat_at_ = now;
  TakeWhatNobodyRuns();
  for (auto run = runs_.begin(); run != runs_.end();) {
    const StoredCampaign& stored = parts_.store.of(run->first);
    if (stored.epoch != run->second.epoch) {
      run = runs_.erase(run);
      continue;
    }
    const std::string campaign_id = run->first;
    ++run;
    Tell(campaign_id, runs_.at(campaign_id));
  }
}

void ModelReplica::TakeWhatNobodyRuns() {
  for (auto& [campaign_id, stored] : parts_.store.campaigns()) {
    const bool work = stored.campaign.state == v1::CAMPAIGN_STATE_RUNNING || !stored.under_way.empty();
    if (!work || (stored.owner == options_.number && runs_.contains(campaign_id))) continue;
    const bool own_once = stored.owner == options_.number;  // of a life before
    const bool free = stored.owner < 0 || own_once || (*replicas_)[static_cast<size_t>(stored.owner)]->MayBeReplaced();
    if (free && parts_.chance.Happens(0.5)) Take(campaign_id);
  }
}

void ModelReplica::Take(const std::string& campaign_id) {
  Run& run = runs_[campaign_id];
  run = {.epoch = parts_.store.RaiseEpoch(campaign_id, options_.number)};
  Load(campaign_id);
}

void ModelReplica::Load(const std::string& campaign_id) {
  Run& run = runs_.at(campaign_id);
  run.engine.reset();
  run.generation = ++generations_;
  const auto loaded = [this, campaign_id, generation = run.generation, epoch = run.epoch, life = life_] {
    const auto found = runs_.find(campaign_id);
    if (life != life_ || found == runs_.end() || found->second.generation != generation) return;
    absl::StatusOr<Takeover> takeover = parts_.store.Load(campaign_id, epoch, parts_.queue.now());
    if (!takeover.ok()) {
      runs_.erase(found);
      return;
    }
    found->second.told_version = takeover->campaign.version;
    found->second.engine = std::make_unique<CampaignEngine>(*std::move(takeover), options_.engine, LocalNow());
    Step(campaign_id);
    if (runs_.contains(campaign_id)) TellOutcomes(campaign_id);
  };
  parts_.queue.After(Way() * 2, loaded);
}

void ModelReplica::Tell(const std::string& campaign_id, Run& run) {
  const StoredCampaign& stored = parts_.store.of(campaign_id);
  if (run.engine == nullptr) return;
  const uint64_t generation = run.generation;
  if (run.told_version != stored.campaign.version) {
    run.told_version = stored.campaign.version;
    Post(campaign_id, generation, CampaignChanged{stored.campaign});
  }
  TellOutcomes(campaign_id);
}

void ModelReplica::NoteOutcome(const std::string& campaign_id) {
  if (!runs_.contains(campaign_id) || IsCutOff()) return;
  TellOutcomes(campaign_id);
}

void ModelReplica::TellOutcomes(const std::string& campaign_id) {
  const auto run = runs_.find(campaign_id);
  const StoredCampaign& stored = parts_.store.of(campaign_id);
  if (run == runs_.end() || run->second.engine == nullptr || stored.outcomes.empty()) return;
  OutcomesTold told;
  for (const auto& [attempt_id, outcome] : stored.outcomes) told.outcomes.push_back(outcome);
  Post(campaign_id, run->second.generation, std::move(told));
}

// Engines.

void ModelReplica::Post(const std::string& campaign_id, uint64_t generation, Input input) {
  parts_.queue.After(absl::ZeroDuration(), [this, campaign_id, generation, input = std::move(input), life = life_]() {
    if (life != life_) return;
    if (parts_.queue.now() < frozen_until_) {
      parts_.queue.At(frozen_until_, [this, campaign_id, generation, input, life] {
        if (life == life_) Post(campaign_id, generation, input);
      });
      return;
    }
    const auto run = runs_.find(campaign_id);
    if (run == runs_.end() || run->second.generation != generation || run->second.engine == nullptr) return;
    run->second.engine->Handle(input, LocalNow());
    Step(campaign_id);
  });
}

void ModelReplica::Step(const std::string& campaign_id) {
  Run& run = runs_.at(campaign_id);
  Effects effects = run.engine->TakeEffects();
  if (!MayAct()) {
    runs_.erase(campaign_id);
    return;
  }
  for (Effect& effect : effects) {
    if (!Do(campaign_id, effect)) return;
  }
  switch (run.engine->condition()) {
    case CampaignEngine::Condition::kAtWork:
      return Wake(campaign_id);
    case CampaignEngine::Condition::kFenced:
      runs_.erase(campaign_id);
      return;
    case CampaignEngine::Condition::kLost:
      return Load(campaign_id);
    case CampaignEngine::Condition::kFinished: {
      StoredCampaign& stored = parts_.store.of(campaign_id);
      if (stored.epoch == run.epoch) stored.owner = -1;
      runs_.erase(campaign_id);
      return;
    }
  }
}

void ModelReplica::Wake(const std::string& campaign_id) {
  Run& run = runs_.at(campaign_id);
  const absl::Time at = run.engine->wake_at(LocalNow());
  if (at == absl::InfiniteFuture()) {
    run.wake_at = at;
    return;
  }
  const absl::Time true_at = std::max(at - clock_offset_, parts_.queue.now() + absl::Milliseconds(1));
  if (run.wake_at > parts_.queue.now() && run.wake_at <= true_at) return;  // woken before anyway
  run.wake_at = true_at;
  parts_.queue.At(true_at, [this, campaign_id, true_at, generation = run.generation, life = life_] {
    const auto found = runs_.find(campaign_id);
    if (life != life_ || found == runs_.end() || found->second.generation != generation) return;
    if (found->second.wake_at == true_at) found->second.wake_at = absl::InfiniteFuture();
    Post(campaign_id, generation, TimePassed{});
  });
}

void ModelReplica::Ask(const std::string& campaign_id, Answer asked, Input failed) {
  const uint64_t generation = runs_.at(campaign_id).generation;
  const auto answer = [this, campaign_id, generation](absl::Duration after, Input input) {
    parts_.queue.After(after, [this, campaign_id, generation, input = std::move(input), life = life_] {
      if (life == life_) Post(campaign_id, generation, input);
    });
  };
  if (IsCutOff()) return answer(absl::Milliseconds(200), std::move(failed));
  parts_.queue.After(Way(), [this, asked = std::move(asked), failed = std::move(failed), answer, life = life_] {
    Input input = asked();
    if (life != life_) return;
    const bool lost = parts_.chance.Happens(faults_.lost) || IsCutOff();
    answer(lost ? kAnswerMost : Way(), lost ? failed : input);
  });
}

bool ModelReplica::Do(const std::string& campaign_id, Effect& effect) {
  if (parts_.chance.Happens(faults_.crash)) {
    Crash(parts_.chance.Between(absl::Seconds(1), absl::Seconds(20)));
    return false;
  }
  if (auto* read = std::get_if<ReadDue>(&effect)) {
    Ask(
        campaign_id,
        [this, campaign_id, wanted = std::move(*read)]() -> Input {
          return ContactsRead{parts_.store.ReadDue(campaign_id, wanted, parts_.queue.now())};
        },
        ContactsRead{absl::UnavailableError("no connection")});
  } else if (auto* acquire = std::get_if<AcquireSlots>(&effect)) {
    Acquire(campaign_id, *acquire);
  } else if (auto* release = std::get_if<ReleaseSlots>(&effect)) {
    const std::string& business_id = parts_.store.of(campaign_id).campaign.business_id;
    // Nothing comes back: what is lost expires by itself.
    if (IsCutOff() || parts_.chance.Happens(faults_.lost)) return true;
    for (const std::string& slot_id : release->slot_ids) parts_.governor.Release(business_id, slot_id);
  } else if (auto* commit = std::get_if<scheduler::Commit>(&effect)) {
    Commit(campaign_id, std::move(commit->batch));
  } else if (auto* dial = std::get_if<Dial>(&effect)) {
    InitiateCall(campaign_id, *dial);
  } else if (auto* find = std::get_if<FindDial>(&effect)) {
    const DialFound failed{find->attempt_id, absl::UnavailableError("no connection")};
    Ask(
        campaign_id,
        [this, id = find->attempt_id, failed]() -> Input {
          std::optional<FoundDial> found = parts_.gateway.FindDial(id);
          return found.has_value() ? DialFound{id, *std::move(found)} : failed;
        },
        failed);
  } else if (auto* inquire = std::get_if<InquireCall>(&effect)) {
    Ask(
        campaign_id,
        [this, id = inquire->attempt_id, call = inquire->call_id]() -> Input {
          return CallInquired{id, parts_.gateway.InquireCall(call)};
        },
        CallInquired{inquire->attempt_id, absl::UnavailableError("no connection")});
  } else if (auto* limit = std::get_if<LimitCampaign>(&effect)) {
    parts_.governor.LimitCampaign(campaign_id, limit->max_concurrent_calls);
  }
  return true;
}

void ModelReplica::Acquire(const std::string& campaign_id, const AcquireSlots& acquire) {
  struct Batch {
    SlotsDecided decided;
    size_t open = 0;
    bool told = false;
  };
  const auto batch = std::make_shared<Batch>();
  for (const SlotWish& wish : acquire.wishes) {
    batch->decided.answers.push_back({.wish = wish, .status = absl::UnavailableError("no answer")});
  }
  batch->open = acquire.wishes.size();
  const auto tell = [this, campaign_id, batch, generation = runs_.at(campaign_id).generation, life = life_] {
    if (std::exchange(batch->told, true) || life != life_) return;
    Post(campaign_id, generation, batch->decided);
  };
  parts_.queue.After(IsCutOff() ? absl::Milliseconds(200) : acquire.wait + kAnswerMost, tell);
  if (IsCutOff()) return;
  const std::string& business_id = parts_.store.of(campaign_id).campaign.business_id;
  parts_.queue.After(Way(), [this, campaign_id, business_id, acquire, batch, tell] {
    const v1::CampaignSettings& settings = parts_.store.of(campaign_id).campaign.settings;
    for (size_t i = 0; i < acquire.wishes.size(); ++i) {
      const governor::SlotWish wish{.request_id = acquire.wishes[i].request_id,
                                    .subject = {.business_id = business_id,
                                                .provider_account_id = settings.provider_account_id(),
                                                .caller_number = settings.from(),
                                                .campaign_id = campaign_id}};
      parts_.governor.Acquire(wish, acquire.wait, [this, batch, tell, i](const absl::StatusOr<governor::Slot>& slot) {
        SlotAnswer& answer = batch->decided.answers[i];
        answer.status = slot.status();
        if (slot.ok()) answer.slot_id = slot->slot_id();
        if (slot.ok()) answer.expires_at = slot->expires_at;
        answer.retry_after = RetryAfterOf(slot.status()).value_or(absl::ZeroDuration());
        if (--batch->open == 0 && !parts_.chance.Happens(faults_.lost)) parts_.queue.After(Way(), tell);
      });
    }
  });
}

void ModelReplica::Commit(const std::string& campaign_id, CommitBatch batch) {
  Run& run = runs_.at(campaign_id);
  const auto shared = std::make_shared<const CommitBatch>(std::move(batch));
  const bool in_doubt = parts_.chance.Happens(faults_.commit_lost);
  const bool made = parts_.chance.Happens(0.5);
  const bool failed = parts_.chance.Happens(faults_.commit_failed);
  Ask(
      campaign_id,
      [this, campaign_id, shared, epoch = run.epoch, given = run.engine->campaign(), in_doubt, made,
       failed]() -> Input {
        if (failed) return Committed{absl::UnavailableError("the server is restarted")};
        if (in_doubt && !made) return Committed{absl::UnknownError("connection lost")};
        CommitResult result = parts_.store.Commit(campaign_id, epoch, given, *shared, parts_.queue.now());
        if (in_doubt) return Committed{absl::UnknownError("connection lost")};
        return Committed{std::move(result)};
      },
      Committed{IsCutOff() ? absl::UnavailableError("no connection") : absl::UnknownError("connection lost")});
}

void ModelReplica::InitiateCall(const std::string& campaign_id, const Dial& dial) {
  const auto told = std::make_shared<bool>(false);
  const auto tell = [this, campaign_id, told, id = dial.attempt_id, generation = runs_.at(campaign_id).generation,
                     life = life_](absl::StatusOr<control::v1::Call> call) {
    if (std::exchange(*told, true) || life != life_) return;
    Post(campaign_id, generation, DialAnswered{id, std::move(call)});
  };
  const absl::Status none = absl::UnavailableError("no answer");
  parts_.queue.After(IsCutOff() ? absl::Milliseconds(200) : kAnswerMost, [tell, none] { tell(none); });
  if (IsCutOff()) return;
  const std::string& business_id = parts_.store.of(campaign_id).campaign.business_id;
  parts_.queue.After(Way(), [this, business_id, request = dial.request, tell] {
    parts_.gateway.InitiateCall(business_id, request, [this, tell](absl::StatusOr<control::v1::Call> call) {
      parts_.queue.After(Way(), [tell, call = std::move(call)] { tell(call); });
    });
  });
}

}  // namespace trunkline::scheduler
