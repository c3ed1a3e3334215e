#include "services/campaign-scheduler/scheduler.h"

#include <algorithm>
#include <utility>

#include "libs/base/background_worker.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/governor/governor_client.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/metrics/registry.h"
#include "libs/outbox/publisher.h"
#include "libs/postgres/pool.h"
#include "libs/serving/serving.h"
#include "services/campaign-scheduler/api/campaign_api.h"
#include "services/campaign-scheduler/calls/grpc_gateway.h"
#include "services/campaign-scheduler/dispatch/dispatcher.h"
#include "services/campaign-scheduler/dispatch/governor_slots.h"
#include "services/campaign-scheduler/dispatch/outcome_feed.h"
#include "services/campaign-scheduler/event_message.h"
#include "services/campaign-scheduler/outcomes/call_event_reader.h"
#include "services/campaign-scheduler/ownership/campaign_keeper.h"
#include "services/campaign-scheduler/store/postgres_campaign_store.h"
#include "services/campaign-scheduler/store/postgres_outcome_store.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kOutboxInterval = absl::Seconds(1);
constexpr absl::Duration kMeasureInterval = absl::Seconds(5);
constexpr int64_t kOutboxTurn = 0x63616d706169676e;  // "campaign"
// Connections beside those that run campaigns: outcomes, the outbox, and whoever measures.
constexpr int kOtherConnections = 3;

}  // namespace

// Members are made from the first to the last and end the other way round: whoever uses a part stands below it.
struct Scheduler::Parts {
  Parts(const SchedulerConfig& settings, std::unique_ptr<kafka::Producer> sender)
      : config(settings), producer(std::move(sender)) {}

  const SchedulerConfig config;
  SystemClock clock;
  // Campaigns are run by a clock that nobody sets: pacing and ownership are about the time that passes.
  SteadyClock steady_clock;
  metrics::Registry metrics_registry;
  SchedulerMetrics metrics{metrics_registry};
  const kafka::Topics topics{config.topic_prefix};
  postgres::Pool worker_pool{
      {.url = config.worker_database_url, .size = config.worker_connections + kOtherConnections}};
  std::unique_ptr<kafka::Producer> producer;

  // Campaign events on their way to Kafka.
  outbox::Publisher publisher{
      {.table = "campaign_events_outbox", .turn = kOutboxTurn},
      worker_pool,
      [this](std::string bytes) { return EventMessage(std::move(bytes), topics.campaign_events); },
      [this](const kafka::OutgoingMessage& message, std::function<void(absl::Status)> delivered) {
        return producer->Send(message, std::move(delivered));
      },
      [this](int64_t count) { metrics.CountPublished(count); }};
  BackgroundWorker publishing{"publishing campaign events", kOutboxInterval,
                              [this] { return publisher.PublishBatch(); }};
  BackgroundWorker measuring{"measuring", kMeasureInterval, [this] { return Measure(); }};

  // Whom campaigns need.
  PostgresCampaignStore store{worker_pool, config.blocked_prefixes};
  PostgresOutcomeStore outcome_store{worker_pool};
  governor::GovernorClient governor{{.addresses = config.governor_addresses, .service_token = config.service_token}};
  GovernorSlots slots{governor};
  GrpcGateway gateway{{.address = config.gateway_address, .service_token = config.service_token}};

  // Campaigns.
  Dispatcher dispatcher{{store, slots, gateway, metrics, steady_clock, [this] { publishing.Wake(); }},
                        {.engine = config.engine, .store_threads = config.worker_connections}};
  MachineAnswers machines{outcome_store, gateway, metrics};
  CallEventReader events{
      {.bootstrap = config.kafka_bootstrap, .topic = topics.call_events, .group_instance_id = config.instance_id},
      outcome_store,
      machines,
      metrics};
  OutcomeFeed outcomes{config.worker_database_url, store, dispatcher};
  CampaignKeeper keeper{{store, dispatcher, metrics, steady_clock},
                        {.database_url = config.worker_database_url,
                         .address = config.serving.advertised_address,
                         .heartbeat = config.heartbeat,
                         .silence = config.silence}};

  // What businesses ask.
  CampaignApi api{
      {worker_pool, governor, metrics_registry, clock},
      {.database_url = config.database_url,
       .database_connections = config.database_connections,
       .gateway_address = config.gateway_address,
       .service_token = config.service_token,
       .owner = {.heartbeat_interval = config.heartbeat, .orphaned_after = config.silence},
       .explain = {.blocked_prefixes = config.blocked_prefixes, .usual_spacing = config.engine.call_spacing}}};

  // What is served.
  std::unique_ptr<serving::Serving> serving;

  absl::StatusOr<bool> Measure() {
    TL_ASSIGN_OR_RETURN(const outbox::Backlog backlog, publisher.Measure());
    metrics.SetOutbox(backlog.messages, backlog.age);
    return false;
  }

  // Nothing of it blocks.
  absl::Status Ready() const {
    TL_RETURN_IF_ERROR(Annotate(keeper.status(), "campaigns"));
    return Annotate(events.status(), "call events");
  }

  absl::Status Serve() {
    TL_ASSIGN_OR_RETURN(serving,
                        serving::Serving::Start(config.serving, {.services = api.services(),
                                                                 .metrics = [this] { return metrics_registry.Text(); },
                                                                 .ready = [this] { return Ready(); }}));
    return absl::OkStatus();
  }
};

absl::StatusOr<std::unique_ptr<Scheduler>> Scheduler::Start(const SchedulerConfig& config) {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<kafka::Producer> producer,
                      kafka::Producer::Start({.bootstrap = config.kafka_bootstrap}));
  auto parts = std::make_unique<Parts>(config, std::move(producer));
  TL_RETURN_IF_ERROR(parts->Serve());
  return std::unique_ptr<Scheduler>(new Scheduler(std::move(parts)));
}

Scheduler::Scheduler(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Scheduler::~Scheduler() {
  HandOver();
  Drain();
}

uint16_t Scheduler::grpc_port() const { return parts_->serving->grpc_port(); }
uint16_t Scheduler::admin_port() const { return parts_->serving->admin_port(); }

void Scheduler::HandOver() {
  parts_->serving->Leave();
  parts_->keeper.Stop();
}

void Scheduler::Drain() { parts_->serving->Drain(); }

}  // namespace trunkline::scheduler
