// One webhook, from the request to the reply:
//
//   route -> limits -> account -> source address -> signature -> subject -> kept (Kafka or spool) and, for voice URLs,
//   plan -> reply
//
// Before the signature holds, nothing is touched but memory. The reply is 2xx only after the webhook is kept. Errors
// are JSON: {"error":{"code":...,"message":...}}.
//
//   400 MALFORMED_WEBHOOK       genuine, but names no call, has broken JSON or too many fields
//   403 WEBHOOK_REFUSED         no account with these credentials signed it, or not from where the account allows; the
//                               reason is in our log and audit only
//   404 NO_SUCH_WEBHOOK         the path is none of ours, or its provider is not built in
//   405 METHOD_NOT_ALLOWED      neither GET nor POST
//   415 UNSUPPORTED_MEDIA_TYPE  a body that is neither a form nor JSON
//   429 TOO_MANY_WEBHOOKS       too many under way; Retry-After
//   503 NOT_KEPT                neither Kafka nor the disk took it, or accounts are not known yet; Retry-After
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/accounts/account_directory.h"
#include "libs/base/clock.h"
#include "libs/http/server.h"
#include "libs/metrics/registry.h"
#include "libs/providers/registry.h"
#include "services/webhook-ingest/intake.h"
#include "services/webhook-ingest/plan_client.h"
#include "services/webhook-ingest/public_url.h"
#include "services/webhook-ingest/routes.h"
#include "trunkline/audit/v1/refused_webhook_service.pb.h"

namespace trunkline::webhook_ingest {

struct WebhookHandlerOptions {
  int64_t max_fields = 500;
  int64_t max_in_flight = 20'000;
  std::string fallback_text;
};

class WebhookHandler {
 public:
  using OnRefused = std::function<void(audit::v1::RefusedWebhook)>;

  // Everything outlives the handler.
  WebhookHandler(WebhookHandlerOptions options, const PublicUrl& public_url, const providers::Registry& registry,
                 const accounts::AccountDirectory& accounts, WebhookSink& sink, PlanSource& plans, OnRefused on_refused,
                 metrics::Registry& metrics, const Clock& clock);
  // Waits until every webhook under way is answered, since what keeps it reports to this object.
  ~WebhookHandler();

  void Handle(http::Request request, http::Responder respond);

 private:
  class Reply;

  struct Verdict {
    std::shared_ptr<const accounts::AccountSnapshot> snapshot;  // keeps `account` alive
    const providers::Account* account = nullptr;
    std::string refusal;
    std::string claimed_account_id;
    std::string challenge;  // of a refusal that credentials could mend
  };

  // Webhooks under way: whether there are as many as may be, and one more or less of them.
  bool IsBusy();
  void Enter();
  void Leave();
  // An answer that is known from the shape of the request alone.
  std::optional<http::Response> CheckShape(const http::Request& request,
                                           const providers::WebhookReceiver& receiver) const;
  Verdict FindAccount(const providers::Provider& provider, const providers::WebhookRequest& webhook,
                      std::shared_ptr<const accounts::AccountSnapshot> snapshot) const;
  void Refuse(const http::Request& request, const providers::WebhookRequest& webhook, const Route& route,
              const Verdict& verdict, http::Responder respond);
  void Answer(http::Responder respond, const std::string& provider, const char* outcome, http::Response response);
  void Count(const std::string& provider, const char* outcome);

  const WebhookHandlerOptions options_;
  const PublicUrl& public_url_;
  const providers::Registry& registry_;
  const accounts::AccountDirectory& accounts_;
  WebhookSink& sink_;
  PlanSource& plans_;
  const OnRefused on_refused_;
  metrics::Registry& metrics_;
  const Clock& clock_;
  plans::v1::CallPlan fallback_plan_;
  std::mutex mutex_;
  std::condition_variable all_answered_;
  int64_t in_flight_ = 0;
  // One counter for each provider and outcome, found without asking the registry each time.
  std::map<std::string, std::map<std::string, prometheus::Counter*, std::less<>>, std::less<>> counters_;
};

}  // namespace trunkline::webhook_ingest
