#include "services/call-tracking-sync/call_tracking_sync.h"

#include <array>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "libs/access/api_key_authenticator.h"
#include "libs/accounts/account_watch.h"
#include "libs/base/background_worker.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/metrics/registry.h"
#include "libs/outbox/publisher.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/method.h"
#include "libs/serving/serving.h"
#include "libs/tracking/built_in_platforms.h"
#include "libs/tracking/tracking_error.h"
#include "libs/webhooks/raw_webhook_message.h"
#include "services/call-tracking-sync/accounts/tracked_accounts.h"
#include "services/call-tracking-sync/budget/request_budget.h"
#include "services/call-tracking-sync/calls/call_memory.h"
#include "services/call-tracking-sync/fetches/notice_reader.h"
#include "services/call-tracking-sync/handlers/consistency_handler.h"
#include "services/call-tracking-sync/handlers/tracking_call_handler.h"
#include "services/call-tracking-sync/handlers/tracking_number_handler.h"
#include "services/call-tracking-sync/handlers/tracking_webhook_handler.h"
#include "services/call-tracking-sync/metrics/sync_metrics.h"
#include "services/call-tracking-sync/reconciliation/discrepancy_message.h"
#include "services/call-tracking-sync/reconciliation/reconciler.h"
#include "services/call-tracking-sync/reports/tracking_report_handler.h"
#include "services/call-tracking-sync/runs/account_keeper.h"
#include "services/call-tracking-sync/store/postgres_request_journal.h"
#include "services/call-tracking-sync/sync_api/sync_handler.h"
#include "services/call-tracking-sync/upkeep/account_upkeep.h"
#include "services/call-tracking-sync/upkeep/owned_account.h"
#include "services/call-tracking-sync/upkeep/upkeep_metrics.h"

namespace trunkline::tracking_sync {
namespace {

constexpr absl::Duration kOutboxInterval = absl::Seconds(1);
constexpr absl::Duration kMeasureInterval = absl::Seconds(5);
constexpr absl::Duration kForgetInterval = absl::Minutes(5);
constexpr absl::Duration kUpkeepLook = absl::Seconds(1);  // for what is due of an account
// For a request's turn; then it is put off, and something else may be done.
constexpr absl::Duration kUpkeepPatience = absl::Seconds(30);
constexpr int64_t kOutboxTurn = 0x747261636b696e67;  // "tracking"
constexpr absl::Duration kReconcileInterval = absl::Seconds(5);
constexpr absl::Duration kScheduleInterval = absl::Minutes(10);
constexpr int64_t kDiscrepanciesTurn = 0x6469736372657061;  // "discrepa"
// Connections beside those that read the platforms: two outboxes, reconciliation, and whoever measures.
constexpr int kOtherConnections = 4;

// From 0 to 1, of the operating system: for the jitter of waits.
double Chance() {
  uint32_t number = 0;
  std::array<unsigned char, sizeof number> bytes{};
  SystemRandom()(bytes.data(), bytes.size());
  std::memcpy(&number, bytes.data(), bytes.size());
  return static_cast<double>(number) / static_cast<double>(std::numeric_limits<uint32_t>::max());
}

}  // namespace

// Members are made from the first to the last and end the other way round: whoever uses a part stands below it.
struct CallTrackingSync::Parts {
  Parts(const SyncConfig& settings, std::unique_ptr<kafka::Producer> sender)
      : config(settings), producer(std::move(sender)) {}

  const SyncConfig config;
  SystemClock clock;
  metrics::Registry metrics_registry;
  SyncMetrics metrics{metrics_registry};
  const kafka::Topics topics{config.topic_prefix};
  postgres::Pool pool{{.url = config.database_url, .size = config.database_connections}};
  postgres::Pool worker_pool{
      {.url = config.worker_database_url, .size = config.worker_connections + kOtherConnections}};
  std::unique_ptr<kafka::Producer> producer;

  // Records on their way to Kafka.
  outbox::Publisher publisher{
      {.table = "tracking_outbox", .turn = kOutboxTurn},
      worker_pool,
      [this](std::string bytes) { return webhooks::MessageOfBytes(std::move(bytes), topics.raw_webhooks); },
      [this](const kafka::OutgoingMessage& message, std::function<void(absl::Status)> delivered) {
        return producer->Send(message, std::move(delivered));
      },
      [this](int64_t count) { metrics.CountPublished(count); }};
  BackgroundWorker publishing{"publishing records", kOutboxInterval, [this] { return publisher.PublishBatch(); }};

  // The platforms, each request to which passes the budget, and the accounts there.
  PostgresRequestJournal journal{worker_pool};
  RequestBudget budget{journal, clock, {}, [this](const tracking::SentRequest& sent) { CountRequest(sent); }};
  const tracking::Registry platforms = tracking::BuiltInPlatforms(
      {.public_url = config.public_url, .api_timeout = config.api_timeout, .gate = &budget, .clock = &clock});
  accounts::AccountDirectory directory;
  accounts::AccountWatch watch{rpc::MakeChannel(config.gateway_address), config.service_token, directory};
  TrackedAccounts tracked_accounts{platforms, directory};

  // What their owner does beside reading their calls.
  UpkeepMetrics upkeep_metrics{metrics_registry};
  CommandRunner command_runner{worker_pool, clock, {}};
  WebhookKeeper webhook_keeper{
      worker_pool, clock, {}, [this](std::string_view platform, std::string_view outcome, int64_t lost) {
        upkeep_metrics.CountRegistration(platform, outcome, lost);
      }};
  NumberKeeper number_keeper{worker_pool, clock, {}};
  WebhookWatch webhook_watch{worker_pool, clock, {}, [this](std::string_view platform, const WebhookHour& hour) {
                               upkeep_metrics.CountWebhooks(platform, hour);
                             }};
  ConsistencyChecker checker{
      worker_pool, clock, {}, [this](const tracking::v1::Check& ended) { upkeep_metrics.CountCheck(ended); }};
  AccountUpkeep upkeep{{command_runner, webhook_keeper, number_keeper, webhook_watch, checker, clock}};

  // Their calls.
  AccountStore store{worker_pool};
  RecordStore records{worker_pool, clock, [this] { publishing.Wake(); }};
  FetchStore fetches{worker_pool, config.webhook_coalescing};
  NoticeReader notices{
      {.bootstrap = config.kafka_bootstrap, .topic = topics.raw_webhooks, .group_instance_id = config.instance_id},
      tracked_accounts,
      fetches,
      metrics};
  AccountKeeper keeper{{store, records, fetches, budget, tracked_accounts, metrics, clock, &Chance,
                        [this](const Ownership& owner, const CommitRecords& commit) { return Upkeep(owner, commit); }},
                       {.database_url = config.worker_database_url,
                        .address = config.serving.advertised_address,
                        .heartbeat = config.heartbeat,
                        .silence = config.silence}};
  BackgroundWorker forgetting{"forgetting old requests", kForgetInterval, [this] { return journal.Forget(); }};

  // Tracked calls, telephony calls and the providers' records against each other.
  const std::unique_ptr<ProviderRecords> provider_records =
      MakeGatewayRecords({.address = config.gateway_address, .service_token = config.service_token});
  Reconciler reconciler{
      worker_pool,
      *provider_records,
      clock,
      {.platforms = platforms.Names()},
      [this](const tracking::v1::Reconciliation& ended) { upkeep_metrics.CountReconciliation(ended); }};
  BackgroundWorker reconciling{"reconciling calls", kReconcileInterval, [this] { return reconciler.Work(); }};
  BackgroundWorker scheduling{"scheduling reconciliations", kScheduleInterval, [this]() -> absl::StatusOr<bool> {
                                TL_RETURN_IF_ERROR(reconciler.Schedule());
                                return false;
                              }};
  outbox::Publisher discrepancy_publisher{
      {.table = "call_discrepancies_outbox", .turn = kDiscrepanciesTurn},
      worker_pool,
      [this](std::string bytes) { return DiscrepancyMessage(std::move(bytes), topics.call_discrepancies); },
      [this](const kafka::OutgoingMessage& message, std::function<void(absl::Status)> delivered) {
        return producer->Send(message, std::move(delivered));
      },
      [](int64_t) {}};
  BackgroundWorker publishing_discrepancies{"publishing discrepancies", kOutboxInterval,
                                            [this] { return discrepancy_publisher.PublishBatch(); }};

  // What was read lately.
  CallMemory call_memory{{.most = config.cached_calls}, clock};
  CallMemoryFeed call_memory_feed{{.bootstrap = config.kafka_bootstrap, .topic = topics.call_events}, call_memory};
  NumberRequests::Memory number_memory{{}, clock};
  Notices number_notices{config.worker_database_url, kNumbersChannel, [this] { number_memory.ForgetAll(); }};
  Notices work_notices{config.worker_database_url, kWorkChannel, nullptr};

  // What businesses ask.
  access::ApiKeyAuthenticator api_keys{pool, clock, {}};
  const rpc::Methods methods{api_keys, metrics_registry, clock};
  SyncHandler sync_handler{methods, pool};
  CheckRequests checks{pool, platforms, clock, {}};
  ReconciliationRequests reconciliations{pool, clock, {}};
  NumberRequests numbers{pool, platforms, number_memory, clock, {}};
  WebhookRequests webhooks{pool, platforms, tracked_accounts, clock};
  PlatformCommands commands{pool, work_notices, clock, {}};
  TrackedCalls calls{pool, platforms, call_memory, commands, {}};
  ConsistencyHandler consistency_handler{{methods, checks, reconciliations}};
  TrackingNumberHandler number_handler{{methods, numbers, work_notices}};
  TrackingWebhookHandler webhook_handler{{methods, webhooks, work_notices}};
  TrackingCallHandler call_handler{{methods, calls}};
  const CallReport report{pool};
  TrackingReportHandler report_handler{methods, report};

  BackgroundWorker measuring{"measuring", kMeasureInterval, [this] { return Measure(); }};

  // What is served.
  std::unique_ptr<serving::Serving> serving;

  // Every handler of the gRPC API, one line each.
  std::vector<grpc::Service*> Services() {
    return {&sync_handler, &consistency_handler, &number_handler, &webhook_handler, &call_handler, &report_handler};
  }

  absl::StatusOr<bool> Measure() {
    TL_ASSIGN_OR_RETURN(const outbox::Backlog backlog, publisher.Measure());
    metrics.SetOutbox(backlog.messages, backlog.age);
    upkeep_metrics.TellMemory("calls", call_memory.counts());
    upkeep_metrics.TellMemory("numbers", number_memory.counts());
    return false;
  }

  absl::StatusOr<StepResult> Upkeep(const Ownership& owner, const CommitRecords& commit) {
    const TrackedAccountPtr account = tracked_accounts.Find(owner.account_id);
    if (account == nullptr) return StepResult{.wake_at = clock.Now() + kUpkeepLook};
    const Asking asking(Priority::kConsistency, kUpkeepPatience);
    const absl::StatusOr<bool> worked = upkeep.WorkOn(
        AtWork({.account = account->account,
                .platform = *account->platform,
                .epoch = owner.epoch,
                .pool = worker_pool,
                .commit = [&](const std::vector<tracking::PlatformCall>& read,
                              webhooks::v1::RecordReason reason) -> absl::StatusOr<bool> {
                  TL_ASSIGN_OR_RETURN(const RecordOutcome outcome,
                                      commit(account->account, {.pass = "upkeep", .reason = reason, .calls = read}));
                  return !outcome.fenced;
                }}));
    // Of another owner the passes hear too, and end the work; a transaction that lost a race is tried again.
    if (!worked.ok()) return worked.status();
    return StepResult{.wake_at = *worked ? absl::InfinitePast() : clock.Now() + kUpkeepLook};
  }

  void CountRequest(const tracking::SentRequest& sent) {
    const bool ok = sent.error == tracking::v1::TRACKING_ERROR_CODE_UNSPECIFIED;
    metrics.ObserveRequest(sent.platform, sent.endpoint, ok ? "ok" : tracking::NameOf(sent.error),
                           sent.answered_at - sent.sent_at);
  }

  // Nothing of it blocks.
  absl::Status Ready() const {
    if (directory.Get() == nullptr) return absl::UnavailableError("waiting for the provider accounts");
    TL_RETURN_IF_ERROR(Annotate(keeper.status(), "accounts"));
    return Annotate(notices.status(), "webhooks");
  }

  absl::Status Serve() {
    TL_ASSIGN_OR_RETURN(serving,
                        serving::Serving::Start(config.serving, {.services = Services(),
                                                                 .metrics = [this] { return metrics_registry.Text(); },
                                                                 .ready = [this] { return Ready(); }}));
    return absl::OkStatus();
  }
};

absl::StatusOr<std::unique_ptr<CallTrackingSync>> CallTrackingSync::Start(const SyncConfig& config) {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<kafka::Producer> producer,
                      kafka::Producer::Start({.bootstrap = config.kafka_bootstrap}));
  auto parts = std::make_unique<Parts>(config, std::move(producer));
  TL_RETURN_IF_ERROR(parts->Serve());
  return std::unique_ptr<CallTrackingSync>(new CallTrackingSync(std::move(parts)));
}

CallTrackingSync::CallTrackingSync(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
CallTrackingSync::~CallTrackingSync() {
  HandOver();
  Drain();
}

uint16_t CallTrackingSync::grpc_port() const { return parts_->serving->grpc_port(); }
uint16_t CallTrackingSync::admin_port() const { return parts_->serving->admin_port(); }

void CallTrackingSync::HandOver() {
  parts_->serving->Leave();
  parts_->keeper.Stop();
}

void CallTrackingSync::Drain() { parts_->serving->Drain(); }

}  // namespace trunkline::tracking_sync
