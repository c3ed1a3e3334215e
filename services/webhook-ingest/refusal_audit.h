// Tells the audit of refused webhooks, off the path of any request. Bounded: when more are refused than can be written,
// the surplus is counted and dropped, so that an attacker cannot fill memory or the database's time.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/metrics/registry.h"
#include "trunkline/audit/v1/refused_webhook_service.grpc.pb.h"

namespace trunkline::webhook_ingest {

class RefusalAudit {
 public:
  RefusalAudit(std::shared_ptr<grpc::Channel> channel, std::string service_token, metrics::Registry& metrics);
  // Sends what is left, if the gateway takes it at once.
  ~RefusalAudit();

  // Never blocks. Thread-safe.
  void Record(audit::v1::RefusedWebhook webhook);

 private:
  void Run(const std::stop_token& stop);
  bool SendBatch(const audit::v1::RecordRefusedWebhooksRequest& batch);

  std::unique_ptr<audit::v1::RefusedWebhookService::Stub> stub_;
  std::string service_token_;
  prometheus::Counter& dropped_;
  std::mutex mutex_;
  std::condition_variable_any recorded_;
  std::deque<audit::v1::RefusedWebhook> waiting_;
  std::jthread thread_;
};

}  // namespace trunkline::webhook_ingest
