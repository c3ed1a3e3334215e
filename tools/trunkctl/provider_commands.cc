#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/grpc_status.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/age.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/gateway_client.h"
#include "tools/trunkctl/output.h"
#include "trunkline/providers/v1/provider_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using providers::v1::CallFigures;
using providers::v1::CompareProvidersResponse;
using providers::v1::Latency;
using providers::v1::ProviderService;

constexpr absl::Duration kCompareTimeout = absl::Seconds(60);

struct ProviderOptions {
  GatewayOptions gateway;
  std::string since = "24h";
  std::string before;
  std::string direction;
};

std::string Milliseconds(const google::protobuf::Duration& duration) {
  return absl::StrFormat("%.0f ms", absl::ToDoubleMilliseconds(telephony::FromProto(duration)));
}

std::string Times(const Latency& latency) {
  if (latency.count() == 0) return "-";
  return Concat(Milliseconds(latency.median()), " / ", Milliseconds(latency.percentile_95()));
}

std::string Costs(const CallFigures& figures) {
  std::string text;
  for (const auto& cost : figures.costs()) {
    if (!cost.has_per_minute()) continue;
    const double units = static_cast<double>(cost.per_minute().micros()) / 1e6;
    text += absl::StrFormat("%s%.4f %s", text.empty() ? "" : ", ", units, cost.per_minute().currency());
  }
  return text.empty() ? "-" : text;
}

void PrintRow(const std::vector<std::string>& cells) {
  // The first is as wide as an account's id; none is cut.
  PrintLine(absl::StrFormat("%-38s %9s %9s %9s %9s  %-22s %-18s %s", cells[0], cells[1], cells[2], cells[3], cells[4],
                            cells[5], cells[6], cells[7]));
}

void PrintFigures(const std::string& name, const CallFigures& figures) {
  const bool talked = figures.has_average_duration();
  const double seconds = talked ? absl::ToDoubleSeconds(telephony::FromProto(figures.average_duration())) : 0;
  PrintRow({name, Concat(figures.calls()), absl::StrFormat("%.1f %%", 100 * figures.success_rate()),
            absl::StrFormat("%.1f %%", 100 * figures.answer_rate()),
            talked ? absl::StrFormat("%.1f s", seconds) : std::string("-"), Costs(figures),
            Times(figures.webhook_time()), Times(figures.api_latency())});
}

void Print(const CompareProvidersResponse& response) {
  PrintRow({"", "calls", "success", "answered", "talk", "a minute", "webhook p50/p95", "API p50/p95"});
  for (const auto& provider : response.providers()) {
    PrintFigures(provider.provider(), provider.figures());
    for (const auto& account : provider.accounts()) {
      PrintFigures(Concat("  ", account.provider_account_id()), account.figures());
    }
  }
}

absl::Status Compare(const ProviderOptions& options, bool json) {
  providers::v1::CompareProvidersRequest request;
  const absl::Time now = absl::Now();
  TL_ASSIGN_OR_RETURN(const absl::Time since, ParseMoment(options.since, now));
  *request.mutable_started_after() = telephony::ToProto(since);
  if (!options.before.empty()) {
    TL_ASSIGN_OR_RETURN(const absl::Time before, ParseMoment(options.before, now));
    *request.mutable_started_before() = telephony::ToProto(before);
  }
  if (options.direction == "inbound") request.set_direction(calls::v1::CALL_DIRECTION_INBOUND);
  if (options.direction == "outbound") request.set_direction(calls::v1::CALL_DIRECTION_OUTBOUND);
  CompareProvidersResponse response;
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kCompareTimeout);
  const auto stub = ProviderService::NewStub(options.gateway.Connect());
  TL_RETURN_IF_ERROR(rpc::FromGrpc(stub->CompareProviders(&context, request, &response)));
  if (json) {
    PrintJson(response);
  } else {
    Print(response);
  }
  return absl::OkStatus();
}

}  // namespace

void AddProviderCommands(CLI::App& app, Context& context) {
  CLI::App* providers = app.add_subcommand("providers", "telephony providers")->require_subcommand(1);
  CLI::App* compare = providers->add_subcommand("compare", "how calls went over each provider and account");
  compare->footer("Example:\n  trunkctl providers compare --since=7d --direction=outbound");
  const auto options = std::make_shared<ProviderOptions>();
  options->gateway.AddTo(*compare);
  compare->add_option("--since", options->since, "calls that started since: an age such as 90m or 7d, or RFC 3339")
      ->capture_default_str();
  compare->add_option("--before", options->before, "and before: the same; now when not given");
  compare->add_option("--direction", options->direction, "only calls of this direction")
      ->check(CLI::IsMember({"inbound", "outbound"}));
  compare->callback(
      [&context, options] { context.run = [&context, options] { return Compare(*options, context.json); }; });
}

}  // namespace trunkline::trunkctl
