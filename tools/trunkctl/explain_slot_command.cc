#include <memory>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/governor_options.h"
#include "tools/trunkctl/limit_lines.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {
namespace {

struct ExplainSlotOptions {
  GovernorOptions governor;
  std::string business_id;
  std::string account_id;
  std::string number;
  std::string campaign_id;
  bool priority = false;
};

absl::Status ExplainSlot(const ExplainSlotOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const auto governor, options.governor.Connect());
  governor::v1::ExplainRequest request;
  request.mutable_subject()->set_business_id(options.business_id);
  request.mutable_subject()->set_provider_account_id(options.account_id);
  request.mutable_subject()->set_caller_number(options.number);
  request.mutable_subject()->set_campaign_id(options.campaign_id);
  request.set_kind(options.priority ? governor::v1::SLOT_KIND_PRIORITY : governor::v1::SLOT_KIND_ORDINARY);
  TL_ASSIGN_OR_RETURN(const governor::v1::ExplainResponse response, governor->Explain(request));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  for (const governor::v1::Gate& gate : response.gates()) PrintLine(Line(gate));
  if (response.waiting() > 0) PrintLine(Concat(response.waiting(), " requests of the business wait before it"));
  return absl::OkStatus();
}

}  // namespace

void AddExplainSlotCommand(CLI::App& explain, Context& context) {
  CLI::App* slot = explain.add_subcommand("slot", "every limit that one more call would have to pass now, in order");
  slot->footer(
      "Example:\n  trunkctl explain slot --business=0190b2c3-0000-7000-8000-000000000001 --number=+15550100001");
  const auto options = std::make_shared<ExplainSlotOptions>();
  options->governor.AddTo(*slot);
  slot->add_option("--business", options->business_id, "business_id")->required();
  slot->add_option("--account", options->account_id, "the provider account that the call would go over");
  slot->add_option("--number", options->number, "the number that it would show, E.164");
  slot->add_option("--campaign", options->campaign_id, "its campaign");
  slot->add_flag("--priority", options->priority, "a priority call");
  slot->callback(
      [&context, options] { context.run = [&context, options] { return ExplainSlot(*options, context.json); }; });
}

}  // namespace trunkline::trunkctl
