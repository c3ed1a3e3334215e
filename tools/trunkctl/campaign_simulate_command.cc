#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/contacts/contact_row.h"
#include "services/campaign-scheduler/rules/settings_checks.h"
#include "services/campaign-scheduler/simulation/dry_run.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/json_file.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/scheduler_client.h"
#include "trunkline/campaigns/v1/campaign_service.grpc.pb.h"
#include "trunkline/campaigns/v1/contact_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using campaigns::v1::CampaignService;
using campaigns::v1::Contact;
using campaigns::v1::ContactService;

using scheduler::DryRun;
using scheduler::DryRunForecast;
using scheduler::Range;

constexpr int kPage = 500;
constexpr size_t kReadSize = 256 * 1024;
// Of all runs together, so that an answer comes within a minute or two; a contact is called about one and a half times.
constexpr int64_t kContactsOfAllRuns = 400'000;
constexpr int kUsualRuns = 20;
constexpr int kProblemsShown = 20;

struct SimulateOptions {
  SchedulerOptions scheduler;
  std::string campaign_id;
  std::string file;
  std::string contacts;
  std::string begin;
  std::string spacing = "6s";
  std::vector<std::string> blocked_prefixes;
  int calls = 10;
  int runs = 0;
  uint64_t seed = 1;
  int longest_days = 60;
  double price = 0.0085;
  double talk_seconds = 45;
  scheduler::OutcomeModel outcomes;
};

// Contacts as an import would take them.
absl::Status ReadContacts(const std::string& path, const std::string& region, std::vector<Contact>* contacts) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(ToAbsl(Concat("cannot read ", path)));
  const bool json_lines = path.ends_with(".jsonl") || path.ends_with(".ndjson");
  scheduler::RecordReader records(json_lines ? campaigns::v1::FILE_FORMAT_JSON_LINES : campaigns::v1::FILE_FORMAT_CSV,
                                  {});
  std::optional<scheduler::ContactRowReader> rows;
  if (json_lines) rows = scheduler::ContactRowReader::ForJsonLines(region);
  std::vector<scheduler::RowProblem> problems;
  const auto take = [&](const scheduler::Record& record) -> absl::Status {
    if (record.IsBlank()) return absl::OkStatus();
    if (!record.problem.empty()) {
      problems.push_back({.line = record.line, .column = "", .message = record.problem});
      return absl::OkStatus();
    }
    if (!rows.has_value()) {
      TL_ASSIGN_OR_RETURN(rows, scheduler::ContactRowReader::ForCsv(record.fields, region));
      return absl::OkStatus();
    }
    scheduler::ContactRow row;
    if (!rows->Read(record, &row, &problems)) return absl::OkStatus();
    Contact& contact = contacts->emplace_back();
    contact.set_number(row.number);
    contact.set_time_zone(row.time_zone);
    contact.set_priority(row.priority);
    return absl::OkStatus();
  };
  std::string piece(kReadSize, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())).gcount() > 0) {
    records.Append(std::string_view(piece).substr(0, static_cast<size_t>(file.gcount())));
    while (const auto record = records.Next()) TL_RETURN_IF_ERROR(Annotate(take(*record), path));
  }
  records.End();
  while (const auto record = records.Next()) TL_RETURN_IF_ERROR(Annotate(take(*record), path));
  for (size_t i = 0; i < problems.size() && i < kProblemsShown; ++i) {
    std::fprintf(stderr, "%s:%lld: %s%s%s\n", path.c_str(), static_cast<long long>(problems[i].line),
                 problems[i].column.c_str(), problems[i].column.empty() ? "" : " ", problems[i].message.c_str());
  }
  if (!problems.empty()) std::fprintf(stderr, "%zu rows are wrong, and left out\n", problems.size());
  return absl::OkStatus();
}

// What is there of a campaign: whoever is not finished goes on where it is.
absl::Status ReadCampaign(const SimulateOptions& options, DryRun* wanted) {
  campaigns::v1::GetCampaignRequest get;
  get.set_campaign_id(options.campaign_id);
  TL_ASSIGN_OR_RETURN(const auto campaign,
                      options.scheduler.Ask<CampaignService>(&CampaignService::Stub::GetCampaign, get));
  wanted->settings = campaign.campaign().settings();
  campaigns::v1::ListContactsRequest list;
  list.set_campaign_id(options.campaign_id);
  list.set_page_size(kPage);
  list.add_states(campaigns::v1::CONTACT_STATE_PENDING);
  list.add_states(campaigns::v1::CONTACT_STATE_WAITING);
  list.add_states(campaigns::v1::CONTACT_STATE_IN_FLIGHT);
  do {
    TL_ASSIGN_OR_RETURN(const auto page,
                        options.scheduler.Ask<ContactService>(&ContactService::Stub::ListContacts, list));
    wanted->contacts.insert(wanted->contacts.end(), page.contacts().begin(), page.contacts().end());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<DryRun> WantedOf(const SimulateOptions& options) {
  DryRun wanted{.begin = absl::Now(),
                .concurrent_calls = options.calls,
                .blocked_prefixes = options.blocked_prefixes,
                .outcomes = options.outcomes,
                .runs = options.runs,
                .seed = options.seed,
                .longest = absl::Hours(24) * options.longest_days};
  wanted.outcomes.talk = absl::Seconds(options.talk_seconds);
  wanted.outcomes.micros_per_minute = std::llround(options.price * 1e6);
  if (!absl::ParseDuration(options.spacing, &wanted.usual_spacing) || wanted.usual_spacing < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--spacing must be a time as 6s or 0s");
  }
  std::string error;
  if (!options.begin.empty() && !absl::ParseTime(absl::RFC3339_full, options.begin, &wanted.begin, &error)) {
    return absl::InvalidArgumentError("--begin must be a time as 2026-12-01T09:00:00+01:00");
  }
  if (options.campaign_id.empty() == options.file.empty()) {
    return absl::InvalidArgumentError("name a campaign, or what it would be with --file");
  }
  if (options.campaign_id.empty()) {
    campaigns::v1::CreateCampaignRequest request;
    TL_RETURN_IF_ERROR(ReadJson(options.file, &request));
    wanted.settings = request.settings();
  } else {
    TL_RETURN_IF_ERROR(ReadCampaign(options, &wanted));
  }
  FieldChecks checks;
  scheduler::CheckSettings(wanted.settings, "settings", checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  if (!options.contacts.empty()) {
    wanted.contacts.clear();
    TL_RETURN_IF_ERROR(ReadContacts(options.contacts, wanted.settings.default_region(), &wanted.contacts));
  }
  if (wanted.contacts.empty()) return absl::InvalidArgumentError("there is nobody to call; bring --contacts");
  if (wanted.runs == 0) {
    const int64_t affordable = kContactsOfAllRuns / static_cast<int64_t>(wanted.contacts.size());
    wanted.runs = static_cast<int>(std::clamp<int64_t>(affordable, 1, kUsualRuns));
  }
  return wanted;
}

template <typename T, typename Function>
nlohmann::json RangeJson(const Range<T>& range, const Function& value) {
  return {{"low", value(range.low)}, {"middle", value(range.middle)}, {"high", value(range.high)}};
}

template <typename T, typename Function>
std::string RangeLine(const char* name, const Range<T>& range, const Function& text) {
  return absl::StrFormat("%-14s %s  (%s to %s)", name, text(range.middle), text(range.low), text(range.high));
}

std::string TimeOf(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

void PrintForecast(const DryRun& wanted, const DryRunForecast& forecast, bool as_json) {
  const auto count = [](int64_t value) { return value; };
  const auto money = [](int64_t micros) { return static_cast<double>(micros) / 1e6; };
  if (as_json) {
    nlohmann::json told = {
        {"contacts", wanted.contacts.size()},
        {"begin", TimeOf(wanted.begin)},
        {"runs", wanted.runs},
        {"finished_runs", forecast.finished_runs},
        {"attempts", RangeJson(forecast.attempts, count)},
        {"reached", RangeJson(forecast.reached, count)},
        {"exhausted", RangeJson(forecast.exhausted, count)},
        {"suppressed", RangeJson(forecast.suppressed, count)},
        {"abandoned", RangeJson(forecast.abandoned, count)},
        {"cost", RangeJson(forecast.cost_micros, money)},
        {"currency", wanted.outcomes.currency},
        {"talk_seconds", RangeJson(forecast.talk, [](absl::Duration talk) { return absl::ToInt64Seconds(talk); })},
        {"most_calls", RangeJson(forecast.most_calls, count)}};
    if (forecast.finish.has_value()) told["finish"] = RangeJson(*forecast.finish, TimeOf);
    return PrintJson(told);
  }
  const auto digits = [](int64_t value) { return Concat(value); };
  PrintLine(absl::StrFormat("%d contacts from %s on, %d runs; the middle one, and where four of five lie",
                            wanted.contacts.size(), TimeOf(wanted.begin), wanted.runs));
  if (forecast.finish.has_value()) PrintLine(RangeLine("finished", *forecast.finish, TimeOf));
  if (forecast.finished_runs < wanted.runs) {
    PrintLine(absl::StrFormat("%d of %d runs were not finished %d days later", wanted.runs - forecast.finished_runs,
                              wanted.runs, wanted.longest / absl::Hours(24)));
  }
  PrintLine(RangeLine("attempts", forecast.attempts, digits));
  PrintLine(RangeLine("reached", forecast.reached, digits));
  PrintLine(RangeLine("exhausted", forecast.exhausted, digits));
  PrintLine(RangeLine("suppressed", forecast.suppressed, digits));
  PrintLine(RangeLine("abandoned", forecast.abandoned, digits));
  PrintLine(RangeLine("calls at once", forecast.most_calls, digits));
  PrintLine(RangeLine("talked", forecast.talk, [](absl::Duration talk) {
    return std::string(absl::FormatDuration(absl::Trunc(talk, absl::Minutes(1))));
  }));
  PrintLine(RangeLine("cost", forecast.cost_micros, [&](int64_t micros) {
    return absl::StrFormat("%.2f %s", money(micros), wanted.outcomes.currency);
  }));
}

absl::Status Simulate(const SimulateOptions& options, bool as_json) {
  TL_ASSIGN_OR_RETURN(const DryRun wanted, WantedOf(options));
  PrintForecast(wanted, scheduler::Forecast(wanted), as_json);
  return absl::OkStatus();
}

}  // namespace

void AddCampaignSimulateCommand(CLI::App& campaign, Context& context) {
  const auto options = std::make_shared<SimulateOptions>();
  CLI::App* added = campaign.add_subcommand("simulate", "forecast when it is done, and what it comes to; dials nobody");
  added->footer(
      "Example:\n  trunkctl campaign simulate --file=campaign.json --contacts=contacts.csv --calls=20 "
      "--begin=2026-12-01T09:00:00-05:00");
  options->scheduler.AddTo(*added);
  const auto part = [&](const char* name, double* value, const char* help) {
    added->add_option(name, *value, help)->check(CLI::Range(0.0, 1.0))->capture_default_str();
  };
  added->add_option("campaign_id", options->campaign_id, "a campaign that is there: whom it has still to call");
  added->add_option("--file", options->file, "in place of that, JSON as for 'create'");
  added->add_option("--contacts", options->contacts, "whom to call: a file as for 'import'");
  added->add_option("--begin", options->begin, "when it starts, RFC 3339; now when not given");
  added->add_option("--calls", options->calls, "calls that the business may have at once")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  added->add_option("--spacing", options->spacing, "SUBSEQUENT_CALL_WAIT, where the campaign sets no spacing")
      ->capture_default_str();
  added->add_option("--blocked-prefix", options->blocked_prefixes, "of the deployment; may come again and again");
  added->add_option("--runs", options->runs, "each by another chance; 20, or fewer with many contacts, when not given")
      ->check(CLI::Range(1, 1'000));
  added->add_option("--seed", options->seed, "the same one gives the same forecast")->capture_default_str();
  added->add_option("--longest-days", options->longest_days, "after which a run is given up")
      ->check(CLI::Range(1, 3'650))
      ->capture_default_str();
  part("--busy", &options->outcomes.busy, "part of calls that find the line busy");
  part("--no-answer", &options->outcomes.no_answer, "that nobody answers");
  part("--rejected", &options->outcomes.rejected, "that are rejected");
  part("--invalid-number", &options->outcomes.invalid_number, "to numbers that are not in service");
  part("--failed", &options->outcomes.failed, "that fail");
  part("--machine", &options->outcomes.machine, "that a machine answers");
  part("--abandoned", &options->outcomes.abandoned, "of those that people answer, which find nobody there");
  added->add_option("--talk-seconds", options->talk_seconds, "that a call with a person lasts on average")
      ->check(CLI::Range(0.0, 86'400.0))
      ->capture_default_str();
  added->add_option("--price", options->price, "of a minute")->check(CLI::Range(0.0, 1'000.0))->capture_default_str();
  added->add_option("--currency", options->outcomes.currency, "of the price")->capture_default_str();
  added->callback(
      [&context, options] { context.run = [&context, options] { return Simulate(*options, context.json); }; });
}

}  // namespace trunkline::trunkctl
