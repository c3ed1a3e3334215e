#include "services/campaign-scheduler/simulation/world.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/simulation/event_queue.h"
#include "services/campaign-scheduler/simulation/model_gateway.h"
#include "services/campaign-scheduler/simulation/model_governor.h"
#include "services/campaign-scheduler/simulation/model_replica.h"
#include "services/campaign-scheduler/simulation/model_store.h"
#include "services/campaign-scheduler/simulation/slot_watcher.h"
#include "services/campaign-scheduler/simulation/watcher.h"

namespace trunkline::scheduler {
namespace {

// A Monday morning in New York.
absl::Time Begin() { return absl::FromUnixSeconds(1'796'040'000); }
constexpr int kBusinessCalls = 10;                    // of one without a limit of its own
constexpr absl::Duration kQuiet = absl::Minutes(25);  // in which whatever was lost is found again

std::string AccountOf(int business) { return UuidOfName("provider account", Concat(business)); }
std::string NumberOf(int business) { return Concat("+1646555", 1000 + business); }

class World {
 public:
  World(const SimulationOptions& options, uint64_t seed);
  SimulationResult Run();

 private:
  void AddCampaigns();
  v1::CampaignSettings SettingsOf(int business, int campaign);
  void Limit(const governor::LevelKey& key, const governor::Limits& limits);
  void LimitEveryLevel();
  void ChangeLimit();
  void Suppress(const std::string& business_id, const std::string& number);
  void PlanTrouble();
  void Trouble();
  void PauseOne();
  void RestartInNeed();
  void PauseAndResume(const std::string& campaign_id);
  bool IsOver() const;

  const SimulationOptions options_;
  Chance chance_;
  EventQueue queue_{Begin()};
  std::optional<Watcher> watcher_;
  std::optional<SlotWatcher> slot_watcher_;
  Watcher::MostCalls most_calls_;
  std::vector<std::pair<governor::LevelKey, governor::Limits>> limits_;  // as they were at first
  std::vector<std::pair<std::string, std::string>> suppressed_;          // business and number
  std::optional<ModelStore> store_;
  std::optional<ModelGovernor> governor_;
  std::optional<ModelGateway> gateway_;
  std::vector<std::unique_ptr<ModelReplica>> replicas_;
  SimulationResult result_;
  absl::Time trouble_until_;  // later nothing heals by a crash what was forgotten
  bool calm_ = false;
};

World::World(const SimulationOptions& options, uint64_t seed) : options_(options), chance_(seed) {
  const int global_calls = 8 + chance_.Below(20);
  most_calls_[{}] = global_calls;
  store_.emplace(ModelStore::Watch{
      .commit = [this](const StoredCampaign& stored, int64_t epoch) { watcher_->NoteCommit(stored, epoch); },
      .attempt = [this](const StoredCampaign& stored, const AttemptUnderWay& attempt,
                        absl::Time now) { watcher_->NoteCommitted(stored, attempt, now); }});
  slot_watcher_.emplace(global_calls, kBusinessCalls, options_.faults,
                        [this](const std::string& what) { watcher_->Complain(what); });
  governor_.emplace(
      queue_, chance_,
      governor::LedgerOptions{.levels = {.global_calls = global_calls, .business_calls = kBusinessCalls}},
      [this](const std::string& call_id) { return gateway_->LifeOf(call_id); },
      [this](const governor::LedgerChanges& changes) { slot_watcher_->NoteCommitted(changes, queue_.now()); },
      options_.faults ? 0.0005 : 0);
  LimitEveryLevel();
  AddCampaigns();
  watcher_.emplace(most_calls_, options_.faults);
  for (const auto& [business_id, number] : suppressed_) watcher_->NoteSuppressed(business_id, number);
  const bool faults = options_.faults;
  gateway_.emplace(ModelGateway::Parts{queue_, chance_, *store_, *governor_, *watcher_}, options_.outcomes,
                   MessageFaults{.lost = faults ? 0.01 : 0,
                                 .twice = faults ? 0.05 : 0,
                                 .crash = faults ? 0.002 : 0,
                                 .stall = faults ? 0.01 : 0,
                                 .refuse = faults ? 0.05 : 0},
                   [this](const std::string& campaign_id) {
                     for (const auto& replica : replicas_) replica->NoteOutcome(campaign_id);
                   });
  for (int r = 0; r < options_.replicas; ++r) {
    replicas_.push_back(std::make_unique<ModelReplica>(
        ModelReplica::Parts{queue_, chance_, *store_, *governor_, *gateway_},
        ModelReplica::Options{.number = r,
                              .engine = {.call_spacing = absl::ZeroDuration(), .batch = 40},
                              .faults = {.crash = faults ? 0.001 : 0,
                                         .lost = faults ? 0.01 : 0,
                                         .late = faults ? 0.005 : 0,
                                         .wrong_clock = faults ? 0.3 : 0,
                                         .commit_lost = faults ? 0.005 : 0,
                                         .commit_failed = faults ? 0.02 : 0},
                              // The fence has to hold alone, too.
                              .stops_by_itself = !faults || chance_.Happens(0.5)}));
    replicas_.back()->Know(&replicas_);
  }
  // Half of the worlds become calm while there is still much to do.
  trouble_until_ =
      Begin() + (chance_.Happens(0.5) ? chance_.Between(absl::Minutes(5), absl::Hours(1)) : options_.longest);
  queue_.At(trouble_until_, [this] {
    for (const auto& replica : replicas_) replica->BeCalm();
  });
  PlanTrouble();
}

v1::CampaignSettings World::SettingsOf(int business, int campaign) {
  v1::CampaignSettings settings;
  settings.mutable_plan()->add_verbs()->mutable_say()->set_text("Hello");
  settings.set_machine_policy(campaign % 2 == 0 ? v1::MACHINE_POLICY_HANG_UP : v1::MACHINE_POLICY_UNSPECIFIED);
  if (chance_.Happens(0.5)) settings.mutable_pacing()->set_calls_per_second(1 + chance_.Below(3));
  if (chance_.Happens(0.3)) settings.mutable_pacing()->set_calls_per_minute(10 + chance_.Below(30));
  if (chance_.Happens(0.5)) settings.mutable_pacing()->set_max_concurrent_calls(2 + chance_.Below(5));
  if (chance_.Happens(0.3)) settings.mutable_pacing()->mutable_call_spacing()->set_seconds(1 + chance_.Below(6));
  if (campaign % 2 == 1) {
    settings.set_provider_account_id(AccountOf(business));
    settings.set_from(NumberOf(business));
  }
  settings.mutable_pacing()->set_weight(1 + business);
  settings.mutable_rules()->set_abandon_rate_after(1'000'000);
  if (chance_.Happens(0.3)) settings.mutable_rules()->set_max_calls_per_number_per_day(2);
  if (chance_.Happens(0.3)) {
    v1::CallingWindow* window = settings.mutable_rules()->add_windows();
    window->set_opens("09:00");
    window->set_closes("20:30");
  }
  settings.mutable_retries()->set_max_attempts(1 + chance_.Below(3));
  for (const v1::Disposition disposition : {v1::DISPOSITION_BUSY, v1::DISPOSITION_NO_ANSWER, v1::DISPOSITION_FAILED}) {
    v1::RetryRule* rule = settings.mutable_retries()->add_rules();
    rule->set_disposition(disposition);
    rule->add_delays()->set_seconds(int64_t{60} * (1 + chance_.Below(20)));
  }
  return settings;
}

void World::Limit(const governor::LevelKey& key, const governor::Limits& limits) {
  if (limits.concurrency.has_value()) most_calls_[key] = *limits.concurrency;
  limits_.emplace_back(key, limits);
  governor_->SetLimits(key, limits);
}

// Businesses have one provider account and one number each, which every second campaign of theirs names.
void World::LimitEveryLevel() {
  Limit({}, {.concurrency = most_calls_.at({})});
  for (int b = 0; b < options_.businesses; ++b) {
    Limit({governor::Level::kBusiness, UuidOfName("business", Concat(b))},
          {.concurrency = 4 + chance_.Below(10),
           .rates = {.per_minute = chance_.Happens(0.3) ? 5 + chance_.Below(10) : 0}});
    Limit({governor::Level::kProviderAccount, AccountOf(b)},
          {.concurrency = 2 + chance_.Below(6),
           .rates = {.per_second = chance_.Happens(0.5) ? 1 + chance_.Below(2) : 0,
                     .per_hour = chance_.Happens(0.2) ? 60 + chance_.Below(60) : 0}});
    Limit({governor::Level::kCallerNumber, NumberOf(b)},
          {.concurrency = 2 + chance_.Below(6),
           .rates = {.spacing = chance_.Happens(0.5) ? absl::Milliseconds(300 * (1 + chance_.Below(5)))
                                                     : absl::ZeroDuration()}});
  }
}

// A level has less for a while: no call ends for it, and none comes until there is room again.
void World::ChangeLimit() {
  const auto& [key, limits] = limits_[static_cast<size_t>(chance_.Below(static_cast<int>(limits_.size())))];
  governor::Limits lowered = limits;
  lowered.concurrency = 1 + chance_.Below(*limits.concurrency);
  governor_->SetLimits(key, lowered);
  queue_.After(chance_.Around(absl::Seconds(60)),
               [this, key = key, limits = limits] { governor_->SetLimits(key, limits); });
}

void World::Suppress(const std::string& business_id, const std::string& number) {
  store_->Suppress(business_id, number);
  suppressed_.emplace_back(business_id, number);
}

void World::AddCampaigns() {
  int number = 0;
  for (int b = 0; b < options_.businesses; ++b) {
    const std::string business_id = UuidOfName("business", Concat(b));
    for (int c = 0; c < options_.campaigns; ++c) {
      Campaign campaign{.campaign_id = UuidOfName("campaign", Concat(b, "/", c)),
                        .business_id = business_id,
                        .state = v1::CAMPAIGN_STATE_RUNNING,
                        .version = 1,
                        .settings = SettingsOf(b, c)};
      campaign.rules = std::make_shared<DialRules>(campaign.settings, std::vector<std::string>{});
      const int most = campaign.settings.pacing().max_concurrent_calls();
      if (most > 0) most_calls_[{governor::Level::kCampaign, campaign.campaign_id}] = most;
      std::vector<Contact> contacts;
      for (int i = 0; i < options_.contacts; ++i) {
        Contact contact;
        contact.record.set_contact_id(UuidOfName("contact", Concat(campaign.campaign_id, "/", i)));
        // The campaigns of a business share every fourth number: caps hold over all of them.
        contact.record.set_number(Concat("+1212", 5'000'000 + (i % 4 == 0 ? i : ++number * 4 + 1) % 4'000'000));
        contact.record.set_priority(chance_.Below(3));
        if (chance_.Happens(0.02)) Suppress(business_id, contact.record.number());
        contacts.push_back(std::move(contact));
      }
      store_->Add(std::move(campaign), std::move(contacts), queue_.now());
    }
  }
}

void World::PlanTrouble() {
  queue_.After(chance_.Around(absl::Seconds(40)), [this] {
    if (calm_ || queue_.now() > trouble_until_) return;
    Trouble();
    PlanTrouble();
  });
}

void World::Trouble() {
  // People pause campaigns where nothing fails, too.
  if (!options_.faults) return PauseOne();
  ModelReplica& replica = *replicas_[static_cast<size_t>(chance_.Below(options_.replicas))];
  switch (chance_.Below(11)) {
    case 0:
      ++result_.crashes;
      return replica.Crash(chance_.Between(absl::Seconds(1), absl::Seconds(30)));
    case 1:
      return replica.Stop(chance_.Between(absl::Seconds(1), absl::Seconds(10)));
    case 2:
      ++result_.freezes;
      return replica.Freeze(chance_.Happens(0.5) ? absl::Seconds(200) : chance_.Around(absl::Seconds(20)));
    case 3:
      return replica.CutOff(chance_.Around(absl::Seconds(20)));
    case 4:
      ++result_.crashes;
      return governor_->Crash(chance_.Between(absl::Seconds(1), absl::Seconds(10)));
    case 5:
      ++result_.crashes;
      return gateway_->Crash(chance_.Between(absl::Seconds(1), absl::Seconds(10)));
    case 6:
      ++result_.freezes;
      return gateway_->Freeze(chance_.Between(absl::Seconds(1), absl::Seconds(60)));
    case 7:
      return ChangeLimit();
    case 8:
      return RestartInNeed();
    default:
      return PauseOne();
  }
}

void World::PauseOne() {
  auto campaign = store_->campaigns().begin();
  std::advance(campaign, chance_.Below(static_cast<int>(store_->campaigns().size())));
  PauseAndResume(campaign->first);
}

// The gateway struggles, and meanwhile the scheduler's replicas are restarted one after the other: dials of the owner
// before are under way when the new one is refused.
void World::RestartInNeed() {
  gateway_->Struggle(chance_.Between(absl::Seconds(15), absl::Seconds(60)));
  absl::Duration after = chance_.Around(absl::Seconds(5));
  for (const auto& replica : replicas_) {
    queue_.After(after, [this, replica = replica.get()] {
      replica->Stop(chance_.Between(absl::Seconds(1), absl::Seconds(10)));
    });
    after += chance_.Between(absl::Seconds(1), absl::Seconds(10));
  }
}

void World::PauseAndResume(const std::string& campaign_id) {
  if (store_->of(campaign_id).campaign.state != v1::CAMPAIGN_STATE_RUNNING) return;
  store_->SetState(campaign_id, v1::CAMPAIGN_STATE_PAUSED, queue_.now());
  watcher_->NoteState(campaign_id, v1::CAMPAIGN_STATE_PAUSED, queue_.now());
  queue_.After(chance_.Around(absl::Seconds(60)), [this, campaign_id] {
    store_->SetState(campaign_id, v1::CAMPAIGN_STATE_RUNNING, queue_.now());
    watcher_->NoteState(campaign_id, v1::CAMPAIGN_STATE_RUNNING, queue_.now());
  });
}

bool World::IsOver() const {
  auto& campaigns = const_cast<ModelStore&>(*store_).campaigns();
  return std::all_of(campaigns.begin(), campaigns.end(),
                     [](const auto& entry) { return entry.second.campaign.state == v1::CAMPAIGN_STATE_COMPLETED; });
}

SimulationResult World::Run() {
  const auto stop = [this] { return !watcher_->complaints().empty(); };
  while (!IsOver() && queue_.now() < Begin() + options_.longest && !stop()) queue_.Step();
  const absl::Time over = queue_.now();
  calm_ = true;
  while (queue_.now() < over + kQuiet && !stop()) queue_.Step();
  for (const auto& [campaign_id, stored] : store_->campaigns()) {
    if (!stop()) watcher_->NoteEnd(stored);
    result_.attempts += stored.attempts;
  }
  if (governor_->live() > 0 && !stop()) watcher_->Complain(Concat("no slot is leaked: ", governor_->live()));
  result_.complaints = watcher_->complaints();
  result_.dialed = watcher_->dialed();
  result_.most_slots = static_cast<int64_t>(governor_->most_live());
  result_.took = over - Begin();
  result_.events = queue_.steps();
  return result_;
}

}  // namespace

SimulationResult Simulate(const SimulationOptions& options, uint64_t seed) { return World(options, seed).Run(); }

}  // namespace trunkline::scheduler
