#include "services/gateway/gateway.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/access/api_key_authenticator.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/http/admin_server.h"
#include "libs/http/server.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/metrics/registry.h"
#include "libs/outbox/publisher.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/in_process_client.h"
#include "libs/rpc/method.h"
#include "libs/rpc/queued_methods.h"
#include "libs/rpc/server.h"
#include "libs/webhooks/raw_webhook_message.h"
#include "services/gateway/accounts/account_feed.h"
#include "services/gateway/accounts/environment_accounts.h"
#include "services/gateway/api/call_control_handler.h"
#include "services/gateway/api/channel_handler.h"
#include "services/gateway/api/destination_rule_handler.h"
#include "services/gateway/api/internal_handlers.h"
#include "services/gateway/api/provider_account_handler.h"
#include "services/gateway/api/provider_call_handler.h"
#include "services/gateway/api/provider_handler.h"
#include "services/gateway/api/recording_handler.h"
#include "services/gateway/api/webhook_account_handler.h"
#include "services/gateway/calls/call_event_tail.h"
#include "services/gateway/control/call_controller.h"
#include "services/gateway/dialing/admission.h"
#include "services/gateway/dialing/bulk_dialer.h"
#include "services/gateway/dialing/dial_reconciler.h"
#include "services/gateway/dialing/governor_admission.h"
#include "services/gateway/http/http_api.h"
#include "services/gateway/links/link_keeper.h"
#include "services/gateway/readiness.h"
#include "services/gateway/recordings/stored_recordings.h"

namespace trunkline::gateway {
namespace {

constexpr absl::Duration kTailStartLimit = absl::Seconds(5);
constexpr absl::Duration kOutboxInterval = absl::Seconds(1);
// Facts of many calls go out together: a batch takes six ways to PostgreSQL and one to Kafka, whatever its size.
constexpr absl::Duration kFactsGather = absl::Milliseconds(10);
constexpr int64_t kOutboxTurn = 0x6f7574626f78;  // "outbox"
constexpr absl::Duration kReconcileInterval = absl::Seconds(1);
constexpr absl::Duration kMeasureInterval = absl::Seconds(5);
constexpr absl::Duration kSettleInterval = absl::Seconds(2);
constexpr absl::Duration kKeyCheckInterval = absl::Seconds(30);
constexpr int kWatchStarters = 4;
constexpr size_t kWatchesStarting = 20'000;
constexpr size_t kRecordingsWaiting = 100;
constexpr int kFileMovers = 4;
constexpr size_t kFilesWaiting = 32;
constexpr std::string_view kCampaignMethods = "trunkline.campaigns.v1.";
// For each 128 KiB of a recording, and for every other answer.
constexpr absl::Duration kHttpWriteTimeout = absl::Minutes(2);
constexpr size_t kHttpConnections = 10'000;     // besides the WebSockets
constexpr size_t kLargestSocketMessage = 4096;  // clients send pings only

// The longest time from an intent's commit to the provider's answer; see DialPipeline::Options.
absl::Duration RequestTime(const GatewayConfig& config) {
  return config.dial_margin + config.provider_api_timeout + config.dial_margin;
}

}  // namespace

// Members are made from the first to the last and end the other way round: whoever uses a part stands below it.
struct Gateway::Parts {
  Parts(const GatewayConfig& settings, const providers::Registry& providers, const tracking::Registry& trackers,
        std::unique_ptr<kafka::Producer> sender)
      : config(settings), registry(providers), platforms(trackers), producer(std::move(sender)) {}

  const GatewayConfig config;
  const providers::Registry& registry;
  const tracking::Registry& platforms;
  SystemClock clock;
  metrics::Registry metrics_registry;
  GatewayMetrics metrics{metrics_registry};
  postgres::Pool pool{{.url = config.database_url, .size = config.database_connections}};
  postgres::Pool worker_pool{{.url = config.worker_database_url, .size = config.worker_connections}};
  const kafka::Topics topics{config.topic_prefix};
  std::unique_ptr<kafka::Producer> producer;

  // Who calls.
  access::ApiKeyAuthenticator api_keys{pool, clock, {}};
  rpc::ServiceAuthenticator service_token{config.service_token};
  rpc::BusinessAuthenticator businesses{api_keys, service_token};
  const rpc::Methods call_methods{businesses, metrics_registry, clock};
  const rpc::Methods public_methods{api_keys, metrics_registry, clock};
  const rpc::Methods internal_methods{service_token, metrics_registry, clock};

  // Accounts.
  const CredentialVault vault{{.key = config.credential_key,
                               .secrets_directory = config.secrets_directory,
                               .secret_prefix = config.account_secret_prefix,
                               .reserved = {config.database_url, config.worker_database_url, config.service_token}}};
  const Integrations integrations{registry, platforms, config.public_url};
  AccountDirectory directory{pool, vault, clock};
  AccountFeed feed{worker_pool, config.worker_database_url, vault, integrations, [this] { directory.Invalidate(); }};
  const DestinationPolicy destinations{config.high_risk_prefixes};
  AccountCommands account_commands{{pool, directory, vault, integrations, destinations, metrics, clock}};
  DestinationRules destination_rules{pool, directory, clock};
  SpendingSettler settler{worker_pool};
  std::vector<AccountRow> environment_accounts;  // until they are written
  std::unique_ptr<BackgroundWorker> writing_environment_accounts;
  BackgroundWorker settling{"settling what calls cost", kSettleInterval,
                            [this] { return settler.Settle(clock.Now()); }};

  // Facts on their way to the normalizer.
  outbox::Publisher publisher{
      {.table = "call_facts_outbox", .turn = kOutboxTurn},
      worker_pool,
      [this](std::string bytes) { return webhooks::MessageOfBytes(std::move(bytes), topics.raw_webhooks); },
      [this](const kafka::OutgoingMessage& message, std::function<void(absl::Status)> delivered) {
        return producer->Send(message, std::move(delivered));
      },
      [this](int64_t count) { metrics.CountFactsPublished(count); }};
  BackgroundWorker publishing{"publishing facts", kOutboxInterval, [this] { return publisher.PublishBatch(); },
                              kFactsGather};
  const std::function<void()> facts_added = [this] { publishing.Wake(); };

  // Calls.
  const std::unique_ptr<governor::GovernorClient> governor = MakeGovernorClient();
  const std::unique_ptr<Admission> admission = MakeAdmission();
  AccountGuard guard{clock};
  http::Client bot_client{BotClientOptions(config.bots.private_addresses)};
  BotWarmer bots{config.bots, [this](const http::ClientRequest& request) { return bot_client.Send(request); }, metrics,
                 clock};
  ProviderRequests requests{worker_pool, metrics, clock};
  DialLedger ledger{pool};
  CallReader reader{pool, clock};
  DialPipeline pipeline{{ledger, reader, directory, *admission, bots, registry, guard, destinations, requests, metrics,
                         clock, facts_added},
                        {.provider_timeout = config.provider_api_timeout, .margin = config.dial_margin}};
  BulkDialer bulk{pipeline, requests};
  CallCarriers carriers{reader, directory, registry};
  CallExplainer explainer{{pool, directory, registry, guard, destinations, bots, governor.get(), clock}};
  CallEnder ender{{reader, carriers, ledger, requests, clock, facts_added}};
  CallPlanStore plans{pool};
  CallController controller{{carriers, reader, ledger, plans, directory, destinations, requests, clock, facts_added}};
  CallTimeline timeline{pool, reader};
  ProviderComparer comparer{pool, clock};
  RefusedWebhookStore refused{worker_pool};
  DoubtfulDials doubtful{worker_pool};
  DialRetry retry{{directory, registry, guard, pipeline, clock}};
  DialReconciler reconciler{{doubtful, directory, registry, requests, retry, pipeline, metrics, clock, facts_added},
                            {.request_time = RequestTime(config),
                             .settle_time = config.dial_settle_time,
                             .clock_skew = config.dial_clock_skew,
                             .lease = config.dial_lease}};
  std::vector<std::unique_ptr<BackgroundWorker>> reconciling = MakeReconcilers();
  LinkKeeper links{{worker_pool, vault, registry, metrics, clock, facts_added}};
  BackgroundWorker measuring{"measuring", kMeasureInterval, [this] { return Measure(); }};

  // Recordings.
  RecordingStore recording_store{pool};
  const DownloadLinks links_to_recordings{config.link_key, config.http_public_url};
  StoredRecordings stored_recordings{{recording_store, directory, registry, requests, links_to_recordings, clock}};

  // Watches.
  CallEventHub hub{static_cast<size_t>(config.watchers), metrics};
  CallEventTail tail{{.bootstrap = config.kafka_bootstrap, .topic = topics.call_events, .start_limit = kTailStartLimit},
                     hub};
  WorkQueue watch_starts{kWatchStarters, kWatchesStarting};
  CallWatch watch{{api_keys, hub, watch_starts, metrics, clock, [this] { return tail.status(); },
                   static_cast<size_t>(config.watcher_queue)}};

  // What is served.
  WorkQueue waiting_calls{config.grpc_threads, static_cast<size_t>(config.grpc_queue)};
  const rpc::QueuedMethods queued_methods{call_methods, waiting_calls};
  CallControlHandler call_control{
      {queued_methods, pipeline, bulk, reader, timeline, ender, controller, watch, explainer}};
  ProviderHandler known_providers{public_methods, registry, comparer};
  ProviderAccountHandler provider_accounts{public_methods, account_commands};
  DestinationRuleHandler destination_rule_handler{public_methods, destination_rules};
  RecordingHandler recordings{public_methods, stored_recordings};
  CallPlanHandler call_plans{internal_methods, plans};
  RefusedWebhookHandler refused_webhooks{internal_methods, refused};
  CallInquiryHandler call_inquiry{internal_methods, controller, ledger, reader};
  ProviderCallHandler provider_calls{internal_methods, directory, registry};
  WebhookAccountHandler webhook_accounts{service_token, feed};
  ChannelHandler channels{public_methods, governor.get()};
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Readiness> readiness;
  std::unique_ptr<http::Server> admin;
  // The HTTP API ends before what it asks.
  std::unique_ptr<rpc::InProcessClient> methods_by_name;
  const std::unique_ptr<rpc::InProcessClient> campaign_methods = MakeCampaignMethods();
  CampaignFiles campaign_files{config.scheduler_address};
  WorkQueue file_moves{kFileMovers, kFilesWaiting};
  WorkQueue recording_fetches{config.recording_downloads, kRecordingsWaiting};
  CallSockets sockets{
      {api_keys, hub,
       [this](const std::string& business_id, const std::string& call_id) { return reader.Get(business_id, call_id); },
       metrics, clock, [this] { return tail.status(); }, static_cast<size_t>(config.watcher_queue)}};
  BackgroundWorker key_checks{"checking the keys of WebSockets", kKeyCheckInterval, [this]() -> absl::StatusOr<bool> {
                                TL_RETURN_IF_ERROR(sockets.CheckKeys());
                                return false;
                              }};
  std::unique_ptr<HttpApi> http_api;
  std::unique_ptr<http::Server> http_server;

  std::unique_ptr<governor::GovernorClient> MakeGovernorClient() const {
    if (config.governor_addresses.empty()) return nullptr;
    return std::make_unique<governor::GovernorClient>(governor::GovernorClient::Options{
        .addresses = config.governor_addresses, .service_token = config.service_token});
  }

  // Campaigns are served by another process, with the key of whoever asks.
  std::unique_ptr<rpc::InProcessClient> MakeCampaignMethods() const {
    if (config.scheduler_address.empty()) return nullptr;
    return std::make_unique<rpc::InProcessClient>(rpc::MakeChannel(config.scheduler_address));
  }

  void AskMethod(const rpc::InProcessCall& call, rpc::InProcessClient::Done done) {
    if (!call.method.starts_with(kCampaignMethods)) return methods_by_name->Ask(call, std::move(done));
    if (campaign_methods == nullptr) return done(NoScheduler());
    // What gRPC tells of a connection that failed is none of the client's business.
    campaign_methods->Ask(call, [method = call.method, done = std::move(done)](absl::StatusOr<std::string> answer) {
      answer.ok() ? done(std::move(answer)) : done(rpc::ForClient(method, answer.status()));
    });
  }

  std::unique_ptr<Admission> MakeAdmission() const {
    if (governor == nullptr) return std::make_unique<UnlimitedAdmission>();
    return std::make_unique<GovernorAdmission>(*governor, config.admission_wait);
  }

  std::vector<std::unique_ptr<BackgroundWorker>> MakeReconcilers() {
    std::vector<std::unique_ptr<BackgroundWorker>> workers;
    workers.reserve(static_cast<size_t>(config.reconciler_threads));
    for (int i = 0; i < config.reconciler_threads; ++i) {
      workers.push_back(std::make_unique<BackgroundWorker>("reconciling dials", kReconcileInterval,
                                                           [this] { return reconciler.ReconcileOne(); }));
    }
    return workers;
  }

  // The database may be away: they are written as soon as it is there.
  absl::Status TakeEnvironmentAccounts() {
    TL_ASSIGN_OR_RETURN(environment_accounts,
                        EnvironmentAccounts(config.environment, config.single_tenant_business, config.credential_key,
                                            integrations, vault, InMicros(clock.Now())));
    if (environment_accounts.empty()) return absl::OkStatus();
    writing_environment_accounts = std::make_unique<BackgroundWorker>(
        "writing the environment's accounts", absl::Hours(24), [this]() -> absl::StatusOr<bool> {
          TL_RETURN_IF_ERROR(PutEnvironmentAccounts(environment_accounts, pool, vault, InMicros(clock.Now())));
          directory.Invalidate();
          return false;
        });
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Measure() {
    TL_ASSIGN_OR_RETURN(const outbox::Backlog backlog, publisher.Measure());
    metrics.SetOutbox(backlog.messages, backlog.age);
    TL_RETURN_IF_ERROR(reconciler.Measure());
    return false;
  }

  absl::Status Serve() {
    TL_RETURN_IF_ERROR(TakeEnvironmentAccounts());
    TL_ASSIGN_OR_RETURN(
        server, rpc::Server::Start(
                    {.address = config.grpc_address, .port = config.grpc_port, .max_threads = config.grpc_threads},
                    {&call_control, &known_providers, &provider_accounts, &destination_rule_handler, &recordings,
                     &call_plans, &refused_webhooks, &call_inquiry, &provider_calls, &webhook_accounts, &channels}));
    readiness = std::make_unique<Readiness>(
        std::vector<Readiness::Check>{{"database", [this] { return pool.Ping(); }},
                                      {"worker database", [this] { return worker_pool.Ping(); }},
                                      {"provider accounts", [this] { return feed.status(); }},
                                      {"call events", [this] { return tail.status(); }}},
        [this](bool ready) { server->SetReady(ready); });
    TL_ASSIGN_OR_RETURN(admin, http::StartAdminServer({.address = config.admin_address,
                                                       .port = config.admin_port,
                                                       .metrics = [this] { return metrics_registry.Text(); },
                                                       .readiness = [this] { return readiness->status(); }}));
    return config.http_port == 0 ? absl::OkStatus() : ServeHttp();
  }

  absl::Status ServeHttp() {
    methods_by_name = std::make_unique<rpc::InProcessClient>(server->InProcessChannel());
    http_api = std::make_unique<HttpApi>(HttpApi::Parts{
        .ask = [this](const rpc::InProcessCall& call,
                      rpc::InProcessClient::Done done) { AskMethod(call, std::move(done)); },
        .campaign_files = campaign_files,
        .moving_files = file_moves,
        .fetch = [this](
                     const std::string& recording_id, std::string_view query, std::string_view range,
                     providers::MediaSink& sink) { return stored_recordings.Fetch(recording_id, query, range, sink); },
        .fetching = recording_fetches,
        .watch = [this](CallSockets::Question question,
                        CallSockets::Done done) { sockets.Open(std::move(question), std::move(done)); },
        .origins = config.cors_origins});
    TL_ASSIGN_OR_RETURN(
        http_server,
        http::Server::Start(
            {.address = config.http_address,
             .port = config.http_port,
             .threads = config.http_threads,
             .max_connections = static_cast<size_t>(config.watchers) + kHttpConnections,
             .write_timeout = kHttpWriteTimeout,
             .web_socket = {.most = static_cast<size_t>(config.watchers),
                            .max_message_bytes = kLargestSocketMessage,
                            .idle_timeout = config.socket_idle_timeout},
             .on_answered = [this](int status, absl::Duration took) { metrics.ObserveHttp(status, took); }},
            [this](http::Request request, http::Responder respond) {
              http_api->Handle(std::move(request), std::move(respond));
            }));
    return absl::OkStatus();
  }
};

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const GatewayConfig& config,
                                                        const providers::Registry& registry,
                                                        const tracking::Registry& platforms) {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<kafka::Producer> producer,
                      kafka::Producer::Start({.bootstrap = config.kafka_bootstrap}));
  auto parts = std::make_unique<Parts>(config, registry, platforms, std::move(producer));
  TL_RETURN_IF_ERROR(parts->Serve());
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Gateway::~Gateway() {
  LeaveReadiness();
  Drain();
}

uint16_t Gateway::grpc_port() const { return parts_->server->port(); }
uint16_t Gateway::admin_port() const { return parts_->admin->port(); }

uint16_t Gateway::http_port() const { return parts_->http_server == nullptr ? 0 : parts_->http_server->port(); }

void Gateway::LeaveReadiness() { parts_->readiness->Leave(); }

void Gateway::Drain() {
  parts_->hub.Close();
  parts_->feed.Close();
  parts_->bots.Close();
  if (parts_->http_server != nullptr) parts_->http_server->Drain(parts_->config.drain_limit);
  parts_->server->Drain(parts_->config.drain_limit);
}

}  // namespace trunkline::gateway
