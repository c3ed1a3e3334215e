#include "services/campaign-scheduler/simulation/dry_run.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/rules/decision.h"
#include "services/campaign-scheduler/simulation/event_queue.h"
#include "services/campaign-scheduler/simulation/model_gateway.h"
#include "services/campaign-scheduler/simulation/model_governor.h"
#include "services/campaign-scheduler/simulation/model_replica.h"
#include "services/campaign-scheduler/simulation/model_store.h"
#include "services/campaign-scheduler/simulation/watcher.h"

namespace trunkline::scheduler {
namespace {

constexpr int kManyCalls = 1'000'000;

struct Outcome {
  bool finished = false;
  absl::Time finish;
  int64_t attempts = 0;
  std::map<v1::ContactState, int64_t> contacts;
  int64_t abandoned = 0;
  int64_t cost_micros = 0;
  absl::Duration talk;
  int64_t most_calls = 0;
};

Outcome RunOnce(const DryRun& wanted, const Campaign& campaign, uint64_t seed) {
  Chance chance(seed);
  EventQueue queue(wanted.begin);
  Watcher watcher({}, /*faults=*/true);
  ModelStore store({.commit = [](const StoredCampaign&, int64_t) {},
                    .attempt = [](const StoredCampaign&, const AttemptUnderWay&, absl::Time) {}});
  std::vector<Contact> contacts;
  for (size_t i = 0; i < wanted.contacts.size(); ++i) {
    Contact& contact = contacts.emplace_back(Contact{.record = wanted.contacts[i]});
    contact.record.set_contact_id(UuidOfName("dry-run", Concat(seed, "/", i)));
    // Of the attempts that it had only their number is known; most of those who are called again did not answer.
    contact.endings.assign(static_cast<size_t>(contact.record.attempts()), v1::DISPOSITION_NO_ANSWER);
  }
  store.Add(campaign, std::move(contacts), queue.now());

  ModelGateway* line = nullptr;
  ModelGovernor governor(
      queue, chance, {.levels = {.global_calls = kManyCalls, .business_calls = wanted.concurrent_calls}},
      [&line](const std::string& call_id) { return line->LifeOf(call_id); }, [](const governor::LedgerChanges&) {});
  std::vector<std::unique_ptr<ModelReplica>> replicas;
  ModelGateway gateway({queue, chance, store, governor, watcher}, wanted.outcomes, {},
                       [&replicas](const std::string& campaign_id) { replicas.front()->NoteOutcome(campaign_id); });
  line = &gateway;
  replicas.push_back(std::make_unique<ModelReplica>(
      ModelReplica::Parts{queue, chance, store, governor, gateway},
      ModelReplica::Options{.engine = {.call_spacing = wanted.usual_spacing}, .tick = absl::Seconds(30)}));
  replicas.front()->Know(&replicas);

  const StoredCampaign& stored = store.of(campaign.campaign_id);
  while (stored.campaign.state == v1::CAMPAIGN_STATE_RUNNING && queue.now() < wanted.begin + wanted.longest)
    queue.Step();
  Outcome outcome{.finished = stored.campaign.state == v1::CAMPAIGN_STATE_COMPLETED,
                  .finish = queue.now(),
                  .attempts = stored.attempts,
                  .cost_micros = gateway.cost_micros(),
                  .talk = gateway.talk(),
                  .most_calls = static_cast<int64_t>(governor.most_live())};
  for (const StoredContact& contact : stored.contacts) ++outcome.contacts[contact.contact.record.state()];
  if (const auto found = stored.dispositions.find(v1::DISPOSITION_ABANDONED); found != stored.dispositions.end()) {
    outcome.abandoned = found->second;
  }
  return outcome;
}

template <typename Of>
auto RangeOf(const std::vector<Outcome>& outcomes, const Of& of) {
  std::vector<decltype(of(outcomes.front()))> values;
  values.reserve(outcomes.size());
  for (const Outcome& outcome : outcomes) values.push_back(of(outcome));
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    return values[static_cast<size_t>(std::lround(part * static_cast<double>(values.size() - 1)))];
  };
  return Range<decltype(of(outcomes.front()))>{.low = at(0.1), .middle = at(0.5), .high = at(0.9)};
}

}  // namespace

DryRunForecast Forecast(const DryRun& wanted) {
  Campaign campaign{.campaign_id = UuidOfName("dry-run", "campaign"),
                    .business_id = UuidOfName("dry-run", "business"),
                    .state = v1::CAMPAIGN_STATE_RUNNING,
                    .version = 1,
                    .settings = wanted.settings};
  campaign.settings.set_keep_open(false);
  campaign.rules = std::make_shared<DialRules>(campaign.settings, wanted.blocked_prefixes);
  std::vector<Outcome> outcomes;
  for (int run = 0; run < std::max(wanted.runs, 1); ++run) {
    outcomes.push_back(RunOnce(wanted, campaign, wanted.seed + static_cast<uint64_t>(run)));
  }
  const auto contacts = [&](v1::ContactState state) {
    return RangeOf(outcomes, [state](const Outcome& outcome) {
      const auto found = outcome.contacts.find(state);
      return found == outcome.contacts.end() ? int64_t{0} : found->second;
    });
  };
  DryRunForecast forecast{.attempts = RangeOf(outcomes, [](const Outcome& outcome) { return outcome.attempts; }),
                          .reached = contacts(v1::CONTACT_STATE_REACHED),
                          .exhausted = contacts(v1::CONTACT_STATE_EXHAUSTED),
                          .suppressed = contacts(v1::CONTACT_STATE_SUPPRESSED),
                          .abandoned = RangeOf(outcomes, [](const Outcome& outcome) { return outcome.abandoned; }),
                          .cost_micros = RangeOf(outcomes, [](const Outcome& outcome) { return outcome.cost_micros; }),
                          .talk = RangeOf(outcomes, [](const Outcome& outcome) { return outcome.talk; }),
                          .most_calls = RangeOf(outcomes, [](const Outcome& outcome) { return outcome.most_calls; })};
  std::erase_if(outcomes, [](const Outcome& outcome) { return !outcome.finished; });
  forecast.finished_runs = static_cast<int>(outcomes.size());
  if (!outcomes.empty()) forecast.finish = RangeOf(outcomes, [](const Outcome& outcome) { return outcome.finish; });
  return forecast;
}

}  // namespace trunkline::scheduler
