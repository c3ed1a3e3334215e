#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/scheduler_client.h"
#include "tools/trunkctl/suppression_store.h"
#include "trunkline/campaigns/v1/suppression_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using campaigns::v1::SuppressionService;

constexpr size_t kMostAtOnce = 1'000;
constexpr char kOperator[] = "operator";

struct SuppressionOptions {
  SchedulerOptions scheduler;
  std::string database_url;  // of the deployment's own list
  bool for_all = false;
  std::string campaign_id;
  std::vector<std::string> numbers;
  std::string file;
  std::string reason;
  std::string after;
  int page_size = 100;
};

// The numbers of the command line and of the file, a line each.
absl::StatusOr<std::vector<std::string>> NumbersOf(const SuppressionOptions& options) {
  std::vector<std::string> numbers = options.numbers;
  if (!options.file.empty()) {
    std::ifstream file(options.file);
    if (!file) return absl::NotFoundError(ToAbsl(Concat("cannot read ", options.file)));
    for (std::string line; std::getline(file, line);) {
      if (!Trim(line).empty()) numbers.emplace_back(Trim(line));
    }
  }
  if (numbers.empty()) return absl::InvalidArgumentError("name numbers, or a --file with one a line");
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!telephony::IsE164(numbers[i])) {
      return absl::InvalidArgumentError(ToAbsl(Concat("number ", i + 1, " ", telephony::kMustBeE164)));
    }
  }
  return numbers;
}

absl::StatusOr<std::unique_ptr<postgres::Pool>> PoolOf(const SuppressionOptions& options) {
  if (options.database_url.empty()) {
    return absl::InvalidArgumentError(
        "--all needs --database-url or TRUNKLINE_DATABASE_URL: the list is the operator's");
  }
  TL_ASSIGN_OR_RETURN(const std::string url, ResolveSecret(options.database_url, SecretsDirectoryFromEnvironment()));
  return std::make_unique<postgres::Pool>(postgres::PoolOptions{.url = url, .size = 1});
}

// Does `part` with the numbers, so many at a time, and tells how many it changed.
absl::Status InParts(const std::vector<std::string>& numbers, bool json, const char* done,
                     const std::function<absl::StatusOr<int64_t>(const std::vector<std::string>&)>& part) {
  int64_t changed = 0;
  for (size_t at = 0; at < numbers.size(); at += kMostAtOnce) {
    const size_t end = std::min(numbers.size(), at + kMostAtOnce);
    TL_ASSIGN_OR_RETURN(const int64_t count, part({numbers.begin() + static_cast<std::ptrdiff_t>(at),
                                                   numbers.begin() + static_cast<std::ptrdiff_t>(end)}));
    changed += count;
  }
  json ? PrintJson(nlohmann::json{{done, changed}}) : PrintLine(Concat(done, " ", changed, " of ", numbers.size()));
  return absl::OkStatus();
}

absl::Status Add(const SuppressionOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const std::vector<std::string> numbers, NumbersOf(options));
  if (options.for_all) {
    TL_ASSIGN_OR_RETURN(const std::unique_ptr<postgres::Pool> pool, PoolOf(options));
    return InParts(numbers, json, "added", [&](const std::vector<std::string>& part) {
      return pool->InTransaction(
          [&](postgres::Transaction& tx) { return SuppressForAll(tx, part, options.reason, kOperator); });
    });
  }
  return InParts(numbers, json, "added", [&](const std::vector<std::string>& part) -> absl::StatusOr<int64_t> {
    campaigns::v1::AddSuppressionsRequest request;
    for (const std::string& number : part) {
      auto* suppression = request.add_suppressions();
      suppression->set_number(number);
      suppression->set_campaign_id(options.campaign_id);
      suppression->set_reason(options.reason);
    }
    TL_ASSIGN_OR_RETURN(const auto response,
                        options.scheduler.Ask<SuppressionService>(&SuppressionService::Stub::AddSuppressions, request));
    return response.added();
  });
}

absl::Status Remove(const SuppressionOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const std::vector<std::string> numbers, NumbersOf(options));
  if (options.for_all) {
    TL_ASSIGN_OR_RETURN(const std::unique_ptr<postgres::Pool> pool, PoolOf(options));
    return InParts(numbers, json, "removed", [&](const std::vector<std::string>& part) {
      return pool->InTransaction([&](postgres::Transaction& tx) { return AllowForAll(tx, part); });
    });
  }
  return InParts(numbers, json, "removed", [&](const std::vector<std::string>& part) -> absl::StatusOr<int64_t> {
    campaigns::v1::RemoveSuppressionsRequest request;
    request.mutable_numbers()->Add(part.begin(), part.end());
    request.set_campaign_id(options.campaign_id);
    TL_ASSIGN_OR_RETURN(const auto response, options.scheduler.Ask<SuppressionService>(
                                                 &SuppressionService::Stub::RemoveSuppressions, request));
    return response.removed();
  });
}

absl::Status ListForAll(const SuppressionOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const std::unique_ptr<postgres::Pool> pool, PoolOf(options));
  TL_ASSIGN_OR_RETURN(const std::vector<SuppressedNumber> list, pool->InTransaction([&](postgres::Transaction& tx) {
    return ListSuppressedForAll(tx, options.after, options.page_size);
  }));
  for (const SuppressedNumber& entry : list) {
    json ? PrintJson(nlohmann::json{{"number", entry.number}, {"reason", entry.reason}, {"actor", entry.actor}})
         : PrintLine(Concat(entry.number, "  ", entry.actor, "  ", entry.reason));
  }
  return absl::OkStatus();
}

absl::Status List(const SuppressionOptions& options, bool json) {
  if (options.for_all) return ListForAll(options, json);
  campaigns::v1::ListSuppressionsRequest request;
  request.set_campaign_id(options.campaign_id);
  request.set_page_size(options.page_size);
  request.set_page_token(options.after);
  TL_ASSIGN_OR_RETURN(const auto response,
                      options.scheduler.Ask<SuppressionService>(&SuppressionService::Stub::ListSuppressions, request));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  for (const auto& entry : response.suppressions()) {
    PrintLine(Concat(entry.number(), "  ", TimeText(entry.added_at()), "  ", entry.actor(), "  ", entry.reason()));
  }
  if (!response.next_page_token().empty()) PrintLine(Concat("more: --after=", response.next_page_token()));
  return absl::OkStatus();
}

}  // namespace

void AddSuppressionCommands(CLI::App& app, Context& context) {
  CLI::App* suppression = app.add_subcommand("suppression", "do-not-call lists")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const SuppressionOptions&, bool)) {
    const auto options = std::make_shared<SuppressionOptions>();
    CLI::App* added = suppression->add_subcommand(name, help);
    added->footer(std::string("Example:\n  trunkctl suppression ") + example);
    options->scheduler.AddTo(*added);
    added->add_option("--campaign", options->campaign_id, "of this campaign; of the business when not given");
    added->add_flag("--all", options->for_all, "the deployment's own list, which holds for every business");
    added
        ->add_option("--database-url", options->database_url, "for --all: PostgreSQL, as the owner; may be secret:NAME")
        ->envname("TRUNKLINE_DATABASE_URL");
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
    return std::pair(added, options);
  };
  const auto numbers = [](CLI::App* command, SuppressionOptions& options) {
    command->add_option("numbers", options.numbers, "E.164");
    command->add_option("--file", options.file, "a file with a number a line");
  };
  const auto [added, add_options] =
      add("add", "nobody of these is called any more", "add +15550100002 --reason='asked not to be called'", Add);
  numbers(added, *add_options);
  added->add_option("--reason", add_options->reason, "why")->required();
  const auto [removed, remove_options] = add("remove", "these may be called again", "remove +15550100002", Remove);
  numbers(removed, *remove_options);
  const auto [listed, list_options] = add("list", "the list, by number", "list --page-size=500", List);
  listed->add_option("--after", list_options->after, "go on after this: the token of the page before");
  listed->add_option("--page-size", list_options->page_size, "how many")->capture_default_str();
}

}  // namespace trunkline::trunkctl
