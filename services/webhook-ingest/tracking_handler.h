// A webhook of a call-tracking platform, from the request to the reply:
//
//   path -> limits -> account -> every mode of verification that it chose -> notifications -> kept (Kafka or spool)
//   -> reply
//
// Before the webhook is verified, nothing is touched but memory. The platforms do not say whether they send a webhook
// again, so whatever is genuine is taken: 200 also for what has no call to tell of, such as the test click of a page.
// Every body is {}, since one of the platforms makes tags of other JSON.
//
//   200  kept by Kafka or on the disk; or nothing to keep
//   400  genuine, but its JSON is broken and its URL names no call
//   401  not every mode that the account chose holds, or there is no such account; why is in our log and audit only
//   404  neither path nor platform is known
//   405  none of GET, HEAD, POST, PUT and PATCH
//   413  a body above 256 KiB, nested deeper than 32 or with more than 500 members
//   429  instead of 401 from an address that failed too often (failing_senders.h); or too many are under way
//   503  neither Kafka nor the disk took it, the account is disabled, or accounts are not known yet
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "libs/accounts/account_directory.h"
#include "libs/base/clock.h"
#include "libs/http/server.h"
#include "libs/metrics/registry.h"
#include "libs/tracking/registry.h"
#include "services/webhook-ingest/failing_senders.h"
#include "services/webhook-ingest/intake.h"
#include "services/webhook-ingest/public_url.h"
#include "services/webhook-ingest/under_way.h"
#include "trunkline/audit/v1/refused_webhook_service.pb.h"

namespace trunkline::webhook_ingest {

// True for paths that are this handler's: /webhooks/...
bool IsTrackingPath(std::string_view path);

class TrackingHandler {
 public:
  using OnRefused = std::function<void(audit::v1::RefusedWebhook)>;

  // Everything outlives the handler, which ends when every webhook under way is answered.
  TrackingHandler(int64_t max_in_flight, const PublicUrl& public_url, const tracking::Registry& platforms,
                  const accounts::AccountDirectory& accounts, WebhookSink& sink, OnRefused on_refused,
                  metrics::Registry& metrics, const Clock& clock);

  void Handle(http::Request request, http::Responder respond);

 private:
  class Reply;

  struct Verdict {
    const providers::Account* account = nullptr;
    std::string refusal;
    std::string claimed_account_id;
  };

  Verdict FindAccount(const tracking::TrackingPlatform& platform, const providers::WebhookRequest& webhook,
                      const accounts::AccountSnapshot& snapshot) const;
  void Refuse(const std::string& platform, std::string_view path, const providers::WebhookRequest& webhook,
              const Verdict& verdict, http::Responder respond);
  // What is wrong with genuine content.
  void RefuseContent(const std::string& platform, const absl::Status& status, http::Responder respond);
  void Keep(const std::string& platform, const providers::WebhookRequest& webhook, const providers::Account& account,
            tracking::ReceivedWebhook received, http::Responder respond);
  void Answer(http::Responder respond, const std::string& platform, const char* outcome, http::Response response);
  void CountRejection(const std::string& platform, std::string_view reason);

  const PublicUrl& public_url_;
  const tracking::Registry& platforms_;
  const accounts::AccountDirectory& accounts_;
  WebhookSink& sink_;
  const OnRefused on_refused_;
  metrics::Registry& metrics_;
  const Clock& clock_;
  FailingSenders failing_senders_;
  std::map<std::string, std::map<std::string, prometheus::Counter*, std::less<>>, std::less<>> outcomes_;
  UnderWay under_way_;
};

}  // namespace trunkline::webhook_ingest
