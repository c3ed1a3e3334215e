#include <functional>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/grpc_status.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/gateway_client.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/scheduler_client.h"
#include "trunkline/campaigns/v1/campaign_service.grpc.pb.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using campaigns::v1::CampaignService;

struct ExplainOptions {
  SchedulerOptions scheduler;
  GatewayOptions gateway;
  std::string campaign_id;
  std::string contact;  // id or number
  std::string to;
  std::string from;
  std::string account;
};

void PrintGates(const google::protobuf::RepeatedPtrField<control::v1::CallGate>& gates) {
  for (const control::v1::CallGate& gate : gates) PrintLine(GateLine(gate));
}

absl::Status ExplainContact(const ExplainOptions& options, bool json) {
  campaigns::v1::ExplainContactRequest request;
  request.set_campaign_id(options.campaign_id);
  options.contact.starts_with('+') ? request.set_number(options.contact) : request.set_contact_id(options.contact);
  TL_ASSIGN_OR_RETURN(const auto response,
                      options.scheduler.Ask<CampaignService>(&CampaignService::Stub::ExplainContact, request));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  PrintLine(response.summary());
  PrintGates(response.gates());
  for (const auto& attempt : response.attempts()) {
    PrintLine(Concat("attempt ", attempt.number(), "  ", TimeText(attempt.committed_at()), "  ",
                     WithoutPrefix(campaigns::v1::Disposition_Name(attempt.disposition()), "DISPOSITION_"), "  ",
                     attempt.call_id()));
  }
  return absl::OkStatus();
}

absl::Status ExplainCampaign(const ExplainOptions& options, bool json) {
  campaigns::v1::ExplainCampaignRequest request;
  request.set_campaign_id(options.campaign_id);
  TL_ASSIGN_OR_RETURN(const auto response,
                      options.scheduler.Ask<CampaignService>(&CampaignService::Stub::ExplainCampaign, request));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  PrintLine(response.summary());
  PrintGates(response.gates());
  for (const auto& rule : response.waiting()) {
    const std::string name = WithoutPrefix(campaigns::v1::CallRule_Name(rule.rule()), "CALL_RULE_");
    PrintLine(Concat(rule.contacts(), " contacts wait", name == "unspecified" ? "" : " for ",
                     name == "unspecified" ? "" : name,
                     rule.has_next_at() ? Concat(", the first is due at ", TimeText(rule.next_at())) : ""));
  }
  return absl::OkStatus();
}

absl::Status ExplainCall(const ExplainOptions& options, bool json) {
  control::v1::ExplainCallRequest request;
  request.mutable_call()->set_request_id(NewUuid(absl::Now()));
  request.mutable_call()->set_to(options.to);
  request.mutable_call()->set_from(options.from);
  request.mutable_call()->set_provider_account_id(options.account);
  request.mutable_call()->set_campaign_id(options.campaign_id);
  const auto stub = control::v1::CallControlService::NewStub(options.gateway.Connect());
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kSchedulerTimeout);
  control::v1::ExplainCallResponse response;
  TL_RETURN_IF_ERROR(rpc::FromGrpc(stub->ExplainCall(&context, request, &response)));
  if (json) {
    PrintJson(response);
  } else {
    PrintGates(response.gates());
  }
  return absl::OkStatus();
}

}  // namespace

void AddExplainCommands(CLI::App& app, Context& context) {
  CLI::App* explain = app.add_subcommand("explain", "what stands before a call, gate by gate")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const ExplainOptions&, bool),
                       const std::function<void(CLI::App&, ExplainOptions&)>& add_more) {
    const auto options = std::make_shared<ExplainOptions>();
    CLI::App* added = explain->add_subcommand(name, help);
    added->footer(std::string("Example:\n  trunkctl explain ") + example);
    add_more(*added, *options);
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
  };
  add("contact", "why a contact is called now, later or never",
      "contact 0190b2c3-0000-7000-8000-000000000001 +15550100002", ExplainContact,
      [](CLI::App& command, ExplainOptions& options) {
        options.scheduler.AddTo(command);
        command.add_option("campaign_id", options.campaign_id, "the campaign")->required();
        command.add_option("contact", options.contact, "the contact's id or number")->required();
      });
  add("campaign", "why a campaign calls, or does not", "campaign 0190b2c3-0000-7000-8000-000000000001", ExplainCampaign,
      [](CLI::App& command, ExplainOptions& options) {
        options.scheduler.AddTo(command);
        command.add_option("campaign_id", options.campaign_id, "the campaign")->required();
      });
  add("call", "whether the gateway would place a call", "call --to=+15550100002", ExplainCall,
      [](CLI::App& command, ExplainOptions& options) {
        options.gateway.AddTo(command);
        command.add_option("--to", options.to, "called number, E.164")->required();
        command.add_option("--from", options.from, "number to show");
        command.add_option("--account", options.account, "provider account");
        command.add_option("--campaign", options.campaign_id, "as a call of this campaign");
      });
  AddExplainSlotCommand(*explain, context);
}

}  // namespace trunkline::trunkctl
