// trunkctl tracking webhooks.
#include <memory>
#include <string>

#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/shown_webhooks.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/tracking_client.h"
#include "trunkline/tracking/v1/tracking_webhook_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using tracking::kTokenPlaceholder;
using tracking::v1::TrackingWebhookService;
using tracking::v1::WebhookRegistration;
namespace v1 = tracking::v1;

struct WebhookOptions {
  TrackingOptions tracking;
  std::string account;
  std::string token;
};

// The token never leaves this machine: call-tracking-sync answers with a placeholder.
absl::Status PutTokenInto(const WebhookOptions& options, WebhookRegistration* registration) {
  if (options.token.empty()) return absl::OkStatus();
  TL_ASSIGN_OR_RETURN(const std::string token, ResolveSecret(options.token, SecretsDirectoryFromEnvironment()));
  for (v1::TrackingWebhook& webhook : *registration->mutable_webhooks()) {
    const size_t at = webhook.url().find(kTokenPlaceholder);
    if (at != std::string::npos) webhook.mutable_url()->replace(at, kTokenPlaceholder.size(), token);
  }
  return absl::OkStatus();
}

absl::Status Show(const WebhookOptions& options, WebhookRegistration registration, bool json) {
  TL_RETURN_IF_ERROR(PutTokenInto(options, &registration));
  if (json) {
    PrintJson(registration);
    return absl::OkStatus();
  }
  const std::string state =
      WithoutPrefix(v1::WebhookRegistrationState_Name(registration.state()), "WEBHOOK_REGISTRATION_STATE_");
  PrintLine(Concat(registration.provider_account_id(), "  ", registration.provider(), "  ", state,
                   registration.has_verified_at() ? Concat("  seen ", TimeText(registration.verified_at())) : "",
                   registration.error().empty() ? "" : Concat("  ", registration.error())));
  const bool must_go = registration.state() == v1::WEBHOOK_REGISTRATION_STATE_UNREGISTERED;
  if (registration.person_needed()) {
    PrintLine(must_go ? "  to be taken out at the platform by hand, where they were entered:"
                      : "  to be entered at the platform by hand, those without an id:");
  }
  for (const v1::TrackingWebhook& webhook : registration.webhooks()) {
    PrintLine(Concat("  ", webhook.event(), "  ", webhook.external_id().empty() ? "-" : webhook.external_id(), "  \"",
                     webhook.label(), "\"  ", webhook.url()));
  }
  return absl::OkStatus();
}

template <typename Request, typename Method>
absl::Status Wish(const WebhookOptions& options, Method method, bool json) {
  Request request;
  request.set_provider_account_id(options.account);
  TL_ASSIGN_OR_RETURN(const auto response, options.tracking.Ask<TrackingWebhookService>(method, request));
  return Show(options, response.registration(), json);
}

absl::Status Register(const WebhookOptions& options, bool json) {
  return Wish<v1::RegisterTrackingWebhooksRequest>(options, &TrackingWebhookService::Stub::RegisterTrackingWebhooks,
                                                   json);
}

absl::Status Unregister(const WebhookOptions& options, bool json) {
  return Wish<v1::UnregisterTrackingWebhooksRequest>(options, &TrackingWebhookService::Stub::UnregisterTrackingWebhooks,
                                                     json);
}

absl::Status ListWebhooks(const WebhookOptions& options, bool json) {
  v1::ListTrackingWebhooksRequest request;
  request.set_provider_account_id(options.account);
  TL_ASSIGN_OR_RETURN(const auto response, options.tracking.Ask<TrackingWebhookService>(
                                               &TrackingWebhookService::Stub::ListTrackingWebhooks, request));
  for (const WebhookRegistration& registration : response.registrations()) {
    TL_RETURN_IF_ERROR(Show(options, registration, json));
  }
  return absl::OkStatus();
}

}  // namespace

void AddTrackingWebhookCommands(CLI::App& tracking, Context& context) {
  CLI::App* webhooks = tracking.add_subcommand("webhooks", "webhooks at the platforms")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const WebhookOptions&, bool)) {
    const auto options = std::make_shared<WebhookOptions>();
    CLI::App* added = webhooks->add_subcommand(name, help);
    added->footer(Concat("Example:\n  trunkctl tracking webhooks ", example));
    options->tracking.AddTo(*added);
    added->add_option("account,--account", options->account, "the account at the platform: provider_account_id")
        ->required(command != ListWebhooks);
    added
        ->add_option("--token", options->token,
                     "the account's webhook_token, or secret:NAME: put into the URLs here, and sent nowhere")
        ->envname("TRUNKLINE_WEBHOOK_TOKEN");
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
  };
  add("register", "enters them at the platform, or tells what a person must enter", "register ACCOUNT", Register);
  add("unregister", "takes out those that were entered", "unregister ACCOUNT", Unregister);
  add("list", "how they stand, with their URLs", "list", ListWebhooks);
}

}  // namespace trunkline::trunkctl
