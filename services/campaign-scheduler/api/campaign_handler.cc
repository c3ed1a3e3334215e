#include "services/campaign-scheduler/api/campaign_handler.h"

#include <optional>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "services/campaign-scheduler/contacts/campaign_export.h"

namespace trunkline::scheduler {

using rpc::Caller;

grpc::Status CampaignHandler::CreateCampaign(grpc::ServerContext* context,
                                             const campaigns::v1::CreateCampaignRequest* request,
                                             campaigns::v1::CreateCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/CreateCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Create(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::UpdateCampaign(grpc::ServerContext* context,
                                             const campaigns::v1::UpdateCampaignRequest* request,
                                             campaigns::v1::UpdateCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/UpdateCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Update(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::GetCampaign(grpc::ServerContext* context,
                                          const campaigns::v1::GetCampaignRequest* request,
                                          campaigns::v1::GetCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/GetCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.queries.Get(caller.business_id, request->campaign_id()));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::ListCampaigns(grpc::ServerContext* context,
                                            const campaigns::v1::ListCampaignsRequest* request,
                                            campaigns::v1::ListCampaignsResponse* response) {
  return parts_.methods.Unary("CampaignService/ListCampaigns", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.queries.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::StartCampaign(grpc::ServerContext* context,
                                            const campaigns::v1::StartCampaignRequest* request,
                                            campaigns::v1::StartCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/StartCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Start(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::ScheduleCampaign(grpc::ServerContext* context,
                                               const campaigns::v1::ScheduleCampaignRequest* request,
                                               campaigns::v1::ScheduleCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/ScheduleCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Schedule(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::PauseCampaign(grpc::ServerContext* context,
                                            const campaigns::v1::PauseCampaignRequest* request,
                                            campaigns::v1::PauseCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/PauseCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Pause(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::ResumeCampaign(grpc::ServerContext* context,
                                             const campaigns::v1::ResumeCampaignRequest* request,
                                             campaigns::v1::ResumeCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/ResumeCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Resume(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::CancelCampaign(grpc::ServerContext* context,
                                             const campaigns::v1::CancelCampaignRequest* request,
                                             campaigns::v1::CancelCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/CancelCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Cancel(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::CloneCampaign(grpc::ServerContext* context,
                                            const campaigns::v1::CloneCampaignRequest* request,
                                            campaigns::v1::CloneCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/CloneCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_campaign(), parts_.commands.Clone(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::GetCampaignProgress(grpc::ServerContext* context,
                                                  const campaigns::v1::GetCampaignProgressRequest* request,
                                                  campaigns::v1::GetCampaignProgressResponse* response) {
  return parts_.methods.Unary("CampaignService/GetCampaignProgress", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response->mutable_progress(),
                                                    parts_.progress.Get(caller.business_id, request->campaign_id()));
                                return absl::OkStatus();
                              });
}

grpc::Status CampaignHandler::GetCampaignStatistics(grpc::ServerContext* context,
                                                    const campaigns::v1::GetCampaignStatisticsRequest* request,
                                                    campaigns::v1::GetCampaignStatisticsResponse* response) {
  return parts_.methods.Unary("CampaignService/GetCampaignStatistics", context,
                              [&](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.statistics.Get(caller.business_id, *request));
                                return absl::OkStatus();
                              });
}

grpc::Status CampaignHandler::AnalyzeFailedCalls(grpc::ServerContext* context,
                                                 const campaigns::v1::AnalyzeFailedCallsRequest* request,
                                                 campaigns::v1::AnalyzeFailedCallsResponse* response) {
  return parts_.methods.Unary("CampaignService/AnalyzeFailedCalls", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.statistics.AnalyzeFailedCalls(caller.business_id, request->campaign_id()));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::ListCampaignTransitions(grpc::ServerContext* context,
                                                      const campaigns::v1::ListCampaignTransitionsRequest* request,
                                                      campaigns::v1::ListCampaignTransitionsResponse* response) {
  return parts_.methods.Unary(
      "CampaignService/ListCampaignTransitions", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response, parts_.queries.ListTransitions(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::Status CampaignHandler::ExplainContact(grpc::ServerContext* context,
                                             const campaigns::v1::ExplainContactRequest* request,
                                             campaigns::v1::ExplainContactResponse* response) {
  return parts_.methods.Unary("CampaignService/ExplainContact", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.explainer.ExplainContact(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::ExplainCampaign(grpc::ServerContext* context,
                                              const campaigns::v1::ExplainCampaignRequest* request,
                                              campaigns::v1::ExplainCampaignResponse* response) {
  return parts_.methods.Unary("CampaignService/ExplainCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.explainer.ExplainCampaign(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CampaignHandler::ExportCampaign(grpc::ServerContext* context,
                                             const campaigns::v1::ExportCampaignRequest* request,
                                             grpc::ServerWriter<campaigns::v1::ExportCampaignResponse>* writer) {
  return parts_.methods.Unary("CampaignService/ExportCampaign", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const StreamLimit::Pass pass, parts_.streams.Enter(caller.business_id));
    TL_ASSIGN_OR_RETURN(CampaignExport file, CampaignExport::Begin(parts_.pool, caller.business_id, *request));
    while (true) {
      TL_ASSIGN_OR_RETURN(std::optional<std::string> piece, file.Next());
      if (!piece.has_value()) return absl::OkStatus();
      campaigns::v1::ExportCampaignResponse response;
      response.set_data(*std::move(piece));
      if (!writer->Write(response)) return absl::CancelledError("the client is gone");
    }
  });
}

}  // namespace trunkline::scheduler
