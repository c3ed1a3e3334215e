#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/scheduler_client.h"
#include "trunkline/campaigns/v1/campaign_service.grpc.pb.h"
#include "trunkline/campaigns/v1/contact_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using campaigns::v1::CampaignService;
using campaigns::v1::ContactImport;
using campaigns::v1::ContactService;

constexpr size_t kPiece = 256 * 1024;
// For a whole file.
constexpr absl::Duration kFileTimeout = absl::Hours(6);
constexpr absl::Duration kBetweenTries = absl::Seconds(1);
constexpr int kErrorsShown = 20;

struct CampaignFileOptions {
  SchedulerOptions scheduler;
  std::string campaign_id;
  std::string file;
  std::string format;
  std::string import_id;
  std::string duplicates = "skip";
  std::string region;
  std::string kind = "contacts";
  int tries = 60;
};

campaigns::v1::FileFormat FormatOf(const CampaignFileOptions& options) {
  const bool json_lines = options.format.empty() ? options.file.ends_with(".jsonl") || options.file.ends_with(".ndjson")
                                                 : options.format == "jsonl";
  return json_lines ? campaigns::v1::FILE_FORMAT_JSON_LINES : campaigns::v1::FILE_FORMAT_CSV;
}

campaigns::v1::ImportHead HeadOf(const CampaignFileOptions& options) {
  campaigns::v1::ImportHead head;
  head.set_import_id(options.import_id.empty() ? NewUuid(absl::Now()) : options.import_id);
  head.set_campaign_id(options.campaign_id);
  head.set_format(FormatOf(options));
  head.set_duplicates(options.duplicates == "update"   ? campaigns::v1::DUPLICATE_POLICY_UPDATE
                      : options.duplicates == "reject" ? campaigns::v1::DUPLICATE_POLICY_REJECT
                                                       : campaigns::v1::DUPLICATE_POLICY_SKIP);
  head.set_default_region(options.region);
  return head;
}

// Where the import goes on; 0 when it was never begun.
absl::StatusOr<int64_t> NextOffset(const CampaignFileOptions& options, const std::string& import_id) {
  campaigns::v1::GetContactImportRequest request;
  request.set_import_id(import_id);
  const auto response = options.scheduler.Ask<ContactService>(&ContactService::Stub::GetContactImport, request);
  if (ReasonOf(response.status()) == Reason::REASON_IMPORT_NOT_FOUND) return 0;
  TL_RETURN_IF_ERROR(response.status());
  return response->contact_import().next_offset();
}

// One stream, from where the import goes on to the end of the file.
absl::StatusOr<ContactImport> SendFile(const CampaignFileOptions& options, campaigns::v1::ImportHead head,
                                       bool show_progress) {
  std::ifstream file(options.file, std::ios::binary | std::ios::ate);
  if (!file) return absl::NotFoundError(ToAbsl(Concat("cannot read ", options.file)));
  const auto size = static_cast<int64_t>(file.tellg());
  TL_ASSIGN_OR_RETURN(int64_t offset, NextOffset(options, head.import_id()));
  if (offset > size) return absl::InvalidArgumentError("the file is shorter than what was taken of it: is it another?");
  file.seekg(offset);
  head.set_offset(offset);

  const auto stub = ContactService::NewStub(options.scheduler.Connect());
  grpc::ClientContext context;
  options.scheduler.Prepare(&context, kFileTimeout);
  campaigns::v1::ImportContactsResponse response;
  const auto writer = stub->ImportContacts(&context, &response);
  campaigns::v1::ImportContactsRequest request;
  *request.mutable_head() = head;
  bool open = writer->Write(request);
  std::string piece(kPiece, '\0');
  while (open && file.read(piece.data(), static_cast<std::streamsize>(piece.size())).gcount() > 0) {
    const auto count = static_cast<size_t>(file.gcount());
    request.set_data(piece.substr(0, count));
    open = writer->Write(request);
    offset += static_cast<int64_t>(count);
    if (show_progress)
      std::fprintf(stderr, "\r%lld of %lld bytes", static_cast<long long>(offset), static_cast<long long>(size));
  }
  request.set_end(true);
  if (open) writer->Write(request);
  writer->WritesDone();
  const absl::Status status = rpc::FromGrpc(writer->Finish());
  if (show_progress) std::fputs("\n", stderr);
  TL_RETURN_IF_ERROR(status);
  return response.contact_import();
}

void ShowErrors(const CampaignFileOptions& options, const ContactImport& import) {
  campaigns::v1::ListContactImportErrorsRequest request;
  request.set_import_id(import.import_id());
  request.set_page_size(kErrorsShown);
  const auto response = options.scheduler.Ask<ContactService>(&ContactService::Stub::ListContactImportErrors, request);
  if (!response.ok()) return;
  for (const auto& error : response->errors()) {
    std::fprintf(stderr, "%s:%lld: %s%s%s\n", options.file.c_str(), static_cast<long long>(error.line()),
                 error.column().c_str(), error.column().empty() ? "" : " ", error.message().c_str());
  }
  if (!response->next_page_token().empty()) std::fputs("... and more\n", stderr);
}

absl::Status Import(const CampaignFileOptions& options, bool json) {
  const campaigns::v1::ImportHead head = HeadOf(options);
  if (!json) std::fprintf(stderr, "import %s\n", head.import_id().c_str());
  for (int attempt = 1;; ++attempt) {
    const auto import = SendFile(options, head, !json);
    if (import.ok()) {
      json ? PrintJson(*import) : PrintLine(Summary(*import));
      if (!json && import->errors() > 0) ShowErrors(options, *import);
      return absl::OkStatus();
    }
    const bool may_pass = import.status().code() == absl::StatusCode::kUnavailable ||
                          import.status().code() == absl::StatusCode::kResourceExhausted;
    const std::string go_on = Concat("go on with --import-id=", head.import_id());
    if (!may_pass || attempt >= options.tries) return Annotate(import.status(), go_on);
    std::fprintf(stderr, "%s; trying again\n", std::string(import.status().message()).c_str());
    absl::SleepFor(RetryAfterOf(import.status()).value_or(kBetweenTries));
  }
}

absl::Status Export(const CampaignFileOptions& options, bool /*json*/) {
  campaigns::v1::ExportCampaignRequest request;
  request.set_campaign_id(options.campaign_id);
  request.set_format(FormatOf(options));
  request.set_kind(options.kind == "attempts"    ? campaigns::v1::EXPORT_KIND_ATTEMPTS
                   : options.kind == "decisions" ? campaigns::v1::EXPORT_KIND_DECISIONS
                                                 : campaigns::v1::EXPORT_KIND_CONTACTS);
  const bool to_file = !options.file.empty() && options.file != "-";
  std::ofstream file;
  if (to_file) {
    file.open(options.file, std::ios::binary | std::ios::trunc);
    if (!file) return absl::PermissionDeniedError(ToAbsl(Concat("cannot write ", options.file)));
  }
  const auto stub = CampaignService::NewStub(options.scheduler.Connect());
  grpc::ClientContext context;
  options.scheduler.Prepare(&context, kFileTimeout);
  const auto reader = stub->ExportCampaign(&context, request);
  campaigns::v1::ExportCampaignResponse piece;
  bool written = true;
  while (written && reader->Read(&piece)) {
    const std::string& data = piece.data();
    written = to_file ? file.write(data.data(), static_cast<std::streamsize>(data.size())).good()
                      : std::fwrite(data.data(), 1, data.size(), stdout) == data.size();
  }
  if (!written) {
    context.TryCancel();
    return absl::DataLossError("the output cannot be written");
  }
  TL_RETURN_IF_ERROR(rpc::FromGrpc(reader->Finish()));
  if (to_file) file.close();
  return file.fail() ? absl::DataLossError(ToAbsl(Concat("cannot write ", options.file))) : absl::OkStatus();
}

}  // namespace

void AddCampaignFileCommands(CLI::App& campaign, Context& context) {
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const CampaignFileOptions&, bool)) {
    const auto options = std::make_shared<CampaignFileOptions>();
    CLI::App* added = campaign.add_subcommand(name, help);
    added->footer(std::string("Example:\n  trunkctl campaign ") + example);
    options->scheduler.AddTo(*added);
    added->add_option("campaign_id", options->campaign_id, "the campaign")->required();
    added->add_option("--format", options->format, "csv or jsonl; told by the file's name when not given")
        ->check(CLI::IsMember({"csv", "jsonl"}));
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
    return std::pair(added, options);
  };
  const auto [imported, import_options] =
      add("import", "bring contacts in; goes on by itself when the connection breaks",
          "import 0190b2c3-0000-7000-8000-000000000001 --file=contacts.csv --region=US", Import);
  imported->add_option("--file", import_options->file, "the file; CSV with a header, or one JSON object a line")
      ->required();
  imported->add_option("--import-id", import_options->import_id,
                       "UUID of an import that was broken off, to go on with it");
  imported->add_option("--duplicates", import_options->duplicates, "what becomes of numbers that are there already")
      ->check(CLI::IsMember({"skip", "update", "reject"}))
      ->capture_default_str();
  imported->add_option("--region", import_options->region,
                       "of numbers in national form; the campaign's when not given");
  imported->add_option("--tries", import_options->tries, "how often it is tried again while the scheduler is away")
      ->capture_default_str();
  const auto [exported, export_options] =
      add("export", "contacts, attempts or the evidence of decisions as a file",
          "export 0190b2c3-0000-7000-8000-000000000001 --kind=attempts --file=attempts.csv", Export);
  exported->add_option("--file", export_options->file, "where to; standard output when not given");
  exported->add_option("--kind", export_options->kind, "what")
      ->check(CLI::IsMember({"contacts", "attempts", "decisions"}))
      ->capture_default_str();
}

}  // namespace trunkline::trunkctl
