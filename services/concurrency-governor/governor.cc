#include "services/concurrency-governor/governor.h"

#include <utility>

#include "libs/base/background_worker.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/kafka/topics.h"
#include "libs/metrics/registry.h"
#include "libs/serving/serving.h"
#include "services/concurrency-governor/api/governor_handler.h"
#include "services/concurrency-governor/calls/call_event_reader.h"
#include "services/concurrency-governor/calls/call_inquiry.h"
#include "services/concurrency-governor/calls/call_sweep.h"
#include "services/concurrency-governor/journal/postgres_journal.h"

namespace trunkline::governor {
namespace {

// Between two looks for calls that were never heard of.
constexpr absl::Duration kUnheardInterval = absl::Seconds(30);

}  // namespace

// Members are made from the first to the last and end the other way round: whoever uses a part stands below it.
struct Governor::Parts {
  explicit Parts(const GovernorConfig& settings) : config(settings) {}

  const GovernorConfig config;
  SystemClock clock;
  metrics::Registry metrics_registry;
  GovernorMetrics metrics{metrics_registry};
  const kafka::Topics topics{config.topic_prefix};

  // Decisions.
  PostgresJournal journal{{.url = config.database_url,
                           .address = config.serving.advertised_address,
                           .topic = topics.call_events,
                           .silence = config.leader_silence},
                          clock};
  DecisionLoop loop{{journal, metrics, clock}, {.ledger = config.ledger}};

  // What becomes of calls.
  CallEventReader reader{{.bootstrap = config.kafka_bootstrap, .topic = topics.call_events}, loop, metrics};
  GatewayInquiry inquiry{config.gateway_address, config.service_token, config.inquiry_timeout};
  CallSweep sweep{loop, inquiry, metrics};
  BackgroundWorker sweeping{"asking about silent calls", config.cleanup_interval,
                            [this] { return sweep.AskAboutSilent(); }};
  BackgroundWorker looking{"asking about calls that were never heard of", kUnheardInterval,
                           [this] { return sweep.AskAboutUnheard(); }};

  // What is served.
  rpc::ServiceAuthenticator service_token{config.service_token};
  const rpc::Methods methods{service_token, metrics_registry, clock};
  const rpc::LateMethods late_methods{service_token, metrics_registry, clock};
  UsageFeed feed{loop};
  GovernorHandler handler{{methods, late_methods, loop, feed, metrics}};
  std::unique_ptr<serving::Serving> serving;

  // Nothing of it blocks.
  absl::Status Ready() const {
    TL_RETURN_IF_ERROR(Annotate(loop.status(), "slots"));
    return Annotate(reader.status(), "call events");
  }

  absl::Status Serve() {
    TL_ASSIGN_OR_RETURN(serving,
                        serving::Serving::Start(config.serving, {.services = {&handler},
                                                                 .metrics = [this] { return metrics_registry.Text(); },
                                                                 .ready = [this] { return Ready(); }}));
    return absl::OkStatus();
  }
};

absl::StatusOr<std::unique_ptr<Governor>> Governor::Start(const GovernorConfig& config) {
  auto parts = std::make_unique<Parts>(config);
  TL_RETURN_IF_ERROR(parts->Serve());
  return std::unique_ptr<Governor>(new Governor(std::move(parts)));
}

Governor::Governor(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Governor::~Governor() {
  LeaveReadiness();
  Drain();
}

uint16_t Governor::grpc_port() const { return parts_->serving->grpc_port(); }
uint16_t Governor::admin_port() const { return parts_->serving->admin_port(); }

void Governor::LeaveReadiness() { parts_->serving->Leave(); }

void Governor::Drain() {
  parts_->feed.Close();
  parts_->loop.Stop();
  parts_->serving->Drain();
}

}  // namespace trunkline::governor
