#include "services/gateway/http/campaign_files.h"

#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/media_type.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/in_process_client.h"
#include "services/gateway/http/transcoding.h"

namespace trunkline::gateway {
namespace {

using campaigns::v1::CampaignService;
using campaigns::v1::ContactService;
using campaigns::v1::ExportCampaignRequest;
using campaigns::v1::ExportCampaignResponse;
using campaigns::v1::ImportContactsRequest;
using campaigns::v1::ImportContactsResponse;

// gRPC takes messages of at most 4 MiB, the scheduler pieces of at most 1 MiB.
constexpr size_t kPiece = 512 * 1024;

}  // namespace

absl::Status NoScheduler() {
  return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
               "this gateway serves no campaigns: its setting scheduler-address names no campaign-scheduler");
}

CampaignFiles::CampaignFiles(const std::string& scheduler, absl::Duration timeout)
    : contacts_(scheduler.empty() ? nullptr : ContactService::NewStub(rpc::MakeChannel(scheduler))),
      campaigns_(scheduler.empty() ? nullptr : CampaignService::NewStub(rpc::MakeChannel(scheduler))),
      timeout_(timeout) {}

absl::StatusOr<ImportContactsResponse> CampaignFiles::Import(const FileCaller& caller,
                                                             const campaigns::v1::ImportHead& head,
                                                             const std::string& bytes, bool more) {
  if (contacts_ == nullptr) return NoScheduler();
  grpc::ClientContext context;
  rpc::Prepare({.authorization = caller.authorization, .traceparent = caller.traceparent, .timeout = timeout_},
               &context);
  ImportContactsResponse response;
  const auto writer = contacts_->ImportContacts(&context, &response);
  ImportContactsRequest request;
  *request.mutable_head() = head;
  bool open = writer->Write(request);
  for (size_t at = 0; open && at < bytes.size(); at += kPiece) {
    request.set_data(bytes.substr(at, kPiece));
    open = writer->Write(request);
  }
  request.set_end(true);
  if (open && !more) writer->Write(request);
  writer->WritesDone();
  TL_RETURN_IF_ERROR(rpc::FromGrpc(writer->Finish()));
  return response;
}

absl::StatusOr<std::string> CampaignFiles::Export(const FileCaller& caller, const ExportCampaignRequest& request) {
  if (campaigns_ == nullptr) return NoScheduler();
  grpc::ClientContext context;
  rpc::Prepare({.authorization = caller.authorization, .traceparent = caller.traceparent, .timeout = timeout_},
               &context);
  const auto reader = campaigns_->ExportCampaign(&context, request);
  std::string file;
  ExportCampaignResponse piece;
  while (reader->Read(&piece)) {
    file += piece.data();
    if (file.size() <= kLargestExport) continue;
    context.TryCancel();
    return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                 "the file is larger than the 16 MiB that HTTP gives; take it with ExportCampaign over gRPC, or with "
                 "'trunkctl campaign export'");
  }
  TL_RETURN_IF_ERROR(rpc::FromGrpc(reader->Finish()));
  return file;
}

absl::StatusOr<ImportQuestion> ImportQuestionOf(const http::Request& request, const std::string& campaign_id) {
  ImportQuestion question;
  Form form = ParseForm(request.Query());
  const std::string more(FindInForm(form, "more").value_or("false"));
  if (more != "true" && more != "false") {
    return InvalidFields({{.field = "more", .description = "must be true or false"}});
  }
  question.more = more == "true";
  std::erase_if(form, [](const auto& pair) { return pair.first == "more"; });
  TL_RETURN_IF_ERROR(ReadQueryInto(EncodeForm(form), &question.head));
  if (!question.head.campaign_id().empty() && question.head.campaign_id() != campaign_id) {
    return InvalidFields({{.field = "campaignId", .description = "differs from that of the path"}});
  }
  question.head.set_campaign_id(campaign_id);
  if (question.head.import_id().empty()) question.head.set_import_id(std::string(request.Header("idempotency-key")));
  const std::string_view type = request.Header("content-type");
  const bool json_lines = type.find("ndjson") != std::string_view::npos || type.find("jsonl") != std::string_view::npos;
  if (question.head.format() == campaigns::v1::FILE_FORMAT_UNSPECIFIED && json_lines) {
    question.head.set_format(campaigns::v1::FILE_FORMAT_JSON_LINES);
  }
  return question;
}

http::Response ExportReply(const ExportCampaignRequest& request, std::string file) {
  const bool json_lines = request.format() == campaigns::v1::FILE_FORMAT_JSON_LINES;
  const std::string_view kind = request.kind() == campaigns::v1::EXPORT_KIND_ATTEMPTS    ? "attempts"
                                : request.kind() == campaigns::v1::EXPORT_KIND_DECISIONS ? "decisions"
                                                                                         : "contacts";
  // The id is a UUID by now: the scheduler knows the campaign.
  return {.status = 200,
          .headers = {{"Content-Type", json_lines ? "application/x-ndjson" : "text/csv; charset=utf-8"},
                      {"Content-Disposition", Concat("attachment; filename=\"campaign-", request.campaign_id(), "-",
                                                     kind, json_lines ? ".jsonl\"" : ".csv\"")},
                      {"X-Content-Type-Options", "nosniff"}},
          .body = std::move(file)};
}

}  // namespace trunkline::gateway
