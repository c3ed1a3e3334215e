// trunkctl tracking check, report, reconcile, discrepancies.
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/money.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/age.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/tracking_client.h"
#include "trunkline/tracking/v1/consistency_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using tracking::v1::Check;
using tracking::v1::CheckState;
using tracking::v1::ConsistencyService;
using tracking::v1::Reconciliation;

struct CheckOptions {
  TrackingOptions tracking;
  std::string account;
  std::string id;
  std::string since;
  std::string before;
  std::string repair = "missing";
  bool shadow = false;
  bool follow = false;
  bool all = false;
  std::string after;
  int page_size = 100;
};

// "different" for FINDING_KIND_DIFFERENT.
std::string Word(const std::string& name, std::string_view prefix) {
  return Lower(std::string_view(name).substr(prefix.size()));
}

template <typename Request>
absl::Status SetRange(const CheckOptions& options, Request* request) {
  const absl::Time now = absl::Now();
  if (!options.since.empty()) {
    TL_ASSIGN_OR_RETURN(const absl::Time since, ParseMoment(options.since, now));
    *request->mutable_range_start() = telephony::ToProto(since);
  }
  if (!options.before.empty()) {
    TL_ASSIGN_OR_RETURN(const absl::Time before, ParseMoment(options.before, now));
    *request->mutable_range_end() = telephony::ToProto(before);
  }
  return absl::OkStatus();
}

bool IsOver(CheckState state) {
  return state != tracking::v1::CHECK_STATE_QUEUED && state != tracking::v1::CHECK_STATE_RUNNING;
}

void PrintCheck(const Check& check) {
  PrintLine(Concat(check.check_id(), "  ", check.platform(), "  ",
                   Word(tracking::v1::CheckState_Name(check.state()), "CHECK_STATE_"), "  ",
                   TimeText(check.range_start()), " to ", TimeText(check.range_end())));
  PrintLine(Concat("  checked ", check.checked(), ", missing ", check.missing(), ", extra ", check.extra(),
                   ", different ", check.different(), ", contradictions ", check.contradictions(), ", unreadable ",
                   check.unreadable(), ", left for later ", check.skipped(), ", brought in ", check.repaired()));
  for (const auto& [field, count] : check.fields()) PrintLine(Concat("  ", field, " differs in ", count));
  for (const auto& total : check.totals()) {
    PrintLine(Concat("  ", total.name(), ": platform ", total.listed(), ", here ", total.ours(),
                     total.reported().empty() ? "" : Concat(", its report ", total.reported()),
                     IsOver(check.state()) && !total.agrees() ? "  DIFFERS" : ""));
  }
  if (!check.error().empty()) PrintLine(Concat("  ", check.error()));
}

void PrintFinding(const tracking::v1::Finding& finding) {
  PrintLine(Concat(Word(tracking::v1::FindingKind_Name(finding.kind()), "FINDING_KIND_"), "  ",
                   finding.external_call_id(), finding.repaired() ? "  (brought in)" : ""));
  for (const auto& difference : finding.differences()) {
    PrintLine(Concat("  ", difference.field(), ": platform ", difference.platform(), ", here ", difference.ours()));
  }
  for (const std::string& remark : finding.remarks()) PrintLine(Concat("  ", remark));
}

absl::Status Show(const Check& check, bool json) {
  json ? PrintJson(check) : PrintCheck(check);
  return absl::OkStatus();
}

absl::Status StartCheck(const CheckOptions& options, bool json) {
  tracking::v1::StartCheckRequest request;
  request.set_request_id(NewUuid(absl::Now()));
  request.set_provider_account_id(options.account);
  TL_RETURN_IF_ERROR(SetRange(options, &request));
  if (options.shadow) request.set_subject(tracking::v1::CHECK_SUBJECT_SHADOW);
  request.set_repair(options.repair == "none"  ? tracking::v1::REPAIR_POLICY_NONE
                     : options.repair == "all" ? tracking::v1::REPAIR_POLICY_ALL
                                               : tracking::v1::REPAIR_POLICY_MISSING);
  TL_ASSIGN_OR_RETURN(const auto started,
                      options.tracking.Ask<ConsistencyService>(&ConsistencyService::Stub::StartCheck, request));
  Check check = started.check();
  tracking::v1::GetCheckRequest again;
  again.set_check_id(check.check_id());
  while (options.follow && !IsOver(check.state())) {
    absl::SleepFor(absl::Seconds(2));
    TL_ASSIGN_OR_RETURN(const auto got,
                        options.tracking.Ask<ConsistencyService>(&ConsistencyService::Stub::GetCheck, again));
    check = got.check();
  }
  TL_RETURN_IF_ERROR(Show(check, json));
  if (check.state() == tracking::v1::CHECK_STATE_FAILED) return absl::FailedPreconditionError(ToAbsl(check.error()));
  if (!json) PrintLine(Concat("what it finds: trunkctl tracking report ", check.check_id()));
  return absl::OkStatus();
}

absl::Status Report(const CheckOptions& options, bool json) {
  if (options.id.empty()) {
    tracking::v1::ListChecksRequest request;
    request.set_provider_account_id(options.account);
    request.set_page_size(options.page_size);
    request.set_page_token(options.after);
    TL_ASSIGN_OR_RETURN(const auto list,
                        options.tracking.Ask<ConsistencyService>(&ConsistencyService::Stub::ListChecks, request));
    if (json) {
      PrintJson(list);
      return absl::OkStatus();
    }
    for (const Check& check : list.checks()) PrintCheck(check);
    if (!list.next_page_token().empty()) PrintLine(Concat("more: --after=", list.next_page_token()));
    return absl::OkStatus();
  }
  tracking::v1::GetCheckRequest get;
  get.set_check_id(options.id);
  TL_ASSIGN_OR_RETURN(const auto got,
                      options.tracking.Ask<ConsistencyService>(&ConsistencyService::Stub::GetCheck, get));
  TL_RETURN_IF_ERROR(Show(got.check(), json));
  tracking::v1::ListFindingsRequest request;
  request.set_check_id(options.id);
  request.set_page_size(options.page_size);
  do {
    TL_ASSIGN_OR_RETURN(const auto page,
                        options.tracking.Ask<ConsistencyService>(&ConsistencyService::Stub::ListFindings, request));
    for (const auto& finding : page.findings()) json ? PrintJson(finding) : PrintFinding(finding);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

std::string Amounts(const tracking::v1::MoneyAtStake& money) {
  std::string text;
  const auto add = [&](const char* name, bool has, const calls::v1::Money& amount) {
    if (has)
      text +=
          Concat(text.empty() ? "" : ", ", name, " ", telephony::FormatMicros(amount.micros()), " ", amount.currency());
  };
  add("revenue", money.has_revenue(), money.revenue());
  add("payout", money.has_payout(), money.payout());
  add("cost", money.has_cost(), money.cost());
  return text.empty() ? "none" : text;
}

absl::Status StartReconciliation(const CheckOptions& options, bool json) {
  tracking::v1::StartReconciliationRequest request;
  request.set_request_id(NewUuid(absl::Now()));
  TL_RETURN_IF_ERROR(SetRange(options, &request));
  TL_ASSIGN_OR_RETURN(const auto started, options.tracking.Ask<ConsistencyService>(
                                              &ConsistencyService::Stub::StartReconciliation, request));
  Reconciliation reconciliation = started.reconciliation();
  tracking::v1::GetReconciliationRequest again;
  again.set_reconciliation_id(reconciliation.reconciliation_id());
  while (options.follow && !IsOver(reconciliation.state())) {
    absl::SleepFor(absl::Seconds(2));
    TL_ASSIGN_OR_RETURN(const auto got,
                        options.tracking.Ask<ConsistencyService>(&ConsistencyService::Stub::GetReconciliation, again));
    reconciliation = got.reconciliation();
  }
  if (json) {
    PrintJson(reconciliation);
    return absl::OkStatus();
  }
  PrintLine(Concat(reconciliation.reconciliation_id(), "  ",
                   Word(tracking::v1::CheckState_Name(reconciliation.state()), "CHECK_STATE_"), "  tracked ",
                   reconciliation.tracked_calls(), ", matched ", reconciliation.matched(), ", discrepancies ",
                   reconciliation.discrepancies()));
  for (const auto& money : reconciliation.at_stake()) PrintLine(Concat("  at stake: ", Amounts(money)));
  for (const std::string& account : reconciliation.accounts_not_asked()) {
    PrintLine(Concat("  the provider of account ", account, " could not be asked"));
  }
  return absl::OkStatus();
}

absl::Status ListDiscrepancies(const CheckOptions& options, bool json) {
  tracking::v1::ListDiscrepanciesRequest request;
  request.set_with_resolved(options.all);
  request.set_page_size(options.page_size);
  request.set_page_token(options.after);
  TL_ASSIGN_OR_RETURN(const auto list,
                      options.tracking.Ask<ConsistencyService>(&ConsistencyService::Stub::ListDiscrepancies, request));
  if (json) {
    PrintJson(list);
    return absl::OkStatus();
  }
  for (const auto& found : list.discrepancies()) {
    PrintLine(Concat(TimeText(found.started_at()), "  ",
                     Word(tracking::v1::DiscrepancyKind_Name(found.kind()), "DISCREPANCY_KIND_"), "  ",
                     Word(tracking::v1::DiscrepancyState_Name(found.state()), "DISCREPANCY_STATE_"),
                     "  at stake: ", Amounts(found.at_stake())));
    for (const auto& [name, id] : {std::pair<const char*, const std::string&>("tracking", found.tracking_call_id()),
                                   {"telephony", found.telephony_call_id()},
                                   {"provider", found.external_call_id()}}) {
      if (!id.empty()) PrintLine(Concat("  ", name, " call ", id));
    }
    for (const auto& value : found.values()) {
      PrintLine(Concat("  ", value.field(), ": tracking ", value.tracking(), ", telephony ", value.telephony(),
                       ", provider ", value.provider()));
    }
  }
  if (!list.next_page_token().empty()) PrintLine(Concat("more: --after=", list.next_page_token()));
  return absl::OkStatus();
}

}  // namespace

void AddTrackingCheckCommands(CLI::App& tracking, Context& context) {
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const CheckOptions&, bool)) {
    const auto options = std::make_shared<CheckOptions>();
    CLI::App* added = tracking.add_subcommand(name, help);
    added->footer(std::string("Example:\n  trunkctl tracking ") + example);
    options->tracking.AddTo(*added);
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
    return std::pair(added, options);
  };
  const auto range = [](CLI::App* command, CheckOptions& options) {
    command->add_option("--since", options.since, "calls that began since: an age such as 7d, or RFC 3339; a day");
    command->add_option("--before,--until", options.before, "and before: the same");
    command->add_flag("--follow", options.follow, "wait until it is through");
  };
  const auto pages = [](CLI::App* command, CheckOptions& options) {
    command->add_option("--after", options.after, "go on after this: the token of the page before");
    command->add_option("--page-size", options.page_size, "how many")->capture_default_str();
  };
  const auto [check, check_options] =
      add("check", "compares an account's calls with its platform's",
          "check 0190b2c3-0000-7000-8000-0000000000a1 --since=3d --repair=none --follow", StartCheck);
  check->add_option("account,--account", check_options->account, "the provider account")->required();
  check->add_option("--repair", check_options->repair, "what is brought in")
      ->check(CLI::IsMember({"none", "missing", "all"}))
      ->capture_default_str();
  check->add_flag("--shadow", check_options->shadow, "with the calls that were mapped beside them, before a cut-over");
  range(check, *check_options);
  const auto [report, report_options] =
      add("report", "checks, or what one of them found", "report 0190b2c3-0000-7000-8000-00000000c4ec", Report);
  report->add_option("check", report_options->id, "the check; the list of checks when not given");
  report->add_option("--account", report_options->account, "only checks of this account");
  pages(report, *report_options);
  const auto [reconcile, reconcile_options] =
      add("reconcile", "tracked calls, telephony calls and the providers' records against each other",
          "reconcile --since=2d --follow", StartReconciliation);
  range(reconcile, *reconcile_options);
  const auto [list, list_options] = add("discrepancies", "where the three records disagree, with the money at stake",
                                        "discrepancies --all", ListDiscrepancies);
  list->add_flag("--all", list_options->all, "resolved ones too");
  pages(list, *list_options);
}

}  // namespace trunkline::trunkctl
