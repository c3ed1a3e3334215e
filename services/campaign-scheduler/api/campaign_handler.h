// CampaignService over gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/campaign-scheduler/api/stream_limit.h"
#include "services/campaign-scheduler/campaigns/campaign_commands.h"
#include "services/campaign-scheduler/campaigns/campaign_progress.h"
#include "services/campaign-scheduler/campaigns/campaign_queries.h"
#include "services/campaign-scheduler/campaigns/campaign_statistics.h"
#include "services/campaign-scheduler/campaigns/explainer.h"
#include "trunkline/campaigns/v1/campaign_service.grpc.pb.h"

namespace trunkline::scheduler {

class CampaignHandler final : public campaigns::v1::CampaignService::Service {
 public:
  struct Parts {  // all of them outlive the object
    const rpc::Methods& methods;
    CampaignCommands& commands;
    CampaignQueries& queries;
    ProgressReader& progress;
    StatisticsReader& statistics;
    const Explainer& explainer;
    postgres::Pool& pool;
    StreamLimit& streams;
  };

  explicit CampaignHandler(Parts parts) : parts_(parts) {}

  grpc::Status CreateCampaign(grpc::ServerContext* context, const campaigns::v1::CreateCampaignRequest* request,
                              campaigns::v1::CreateCampaignResponse* response) override;
  grpc::Status UpdateCampaign(grpc::ServerContext* context, const campaigns::v1::UpdateCampaignRequest* request,
                              campaigns::v1::UpdateCampaignResponse* response) override;
  grpc::Status GetCampaign(grpc::ServerContext* context, const campaigns::v1::GetCampaignRequest* request,
                           campaigns::v1::GetCampaignResponse* response) override;
  grpc::Status ListCampaigns(grpc::ServerContext* context, const campaigns::v1::ListCampaignsRequest* request,
                             campaigns::v1::ListCampaignsResponse* response) override;
  grpc::Status StartCampaign(grpc::ServerContext* context, const campaigns::v1::StartCampaignRequest* request,
                             campaigns::v1::StartCampaignResponse* response) override;
  grpc::Status ScheduleCampaign(grpc::ServerContext* context, const campaigns::v1::ScheduleCampaignRequest* request,
                                campaigns::v1::ScheduleCampaignResponse* response) override;
  grpc::Status PauseCampaign(grpc::ServerContext* context, const campaigns::v1::PauseCampaignRequest* request,
                             campaigns::v1::PauseCampaignResponse* response) override;
  grpc::Status ResumeCampaign(grpc::ServerContext* context, const campaigns::v1::ResumeCampaignRequest* request,
                              campaigns::v1::ResumeCampaignResponse* response) override;
  grpc::Status CancelCampaign(grpc::ServerContext* context, const campaigns::v1::CancelCampaignRequest* request,
                              campaigns::v1::CancelCampaignResponse* response) override;
  grpc::Status CloneCampaign(grpc::ServerContext* context, const campaigns::v1::CloneCampaignRequest* request,
                             campaigns::v1::CloneCampaignResponse* response) override;
  grpc::Status GetCampaignProgress(grpc::ServerContext* context,
                                   const campaigns::v1::GetCampaignProgressRequest* request,
                                   campaigns::v1::GetCampaignProgressResponse* response) override;
  grpc::Status GetCampaignStatistics(grpc::ServerContext* context,
                                     const campaigns::v1::GetCampaignStatisticsRequest* request,
                                     campaigns::v1::GetCampaignStatisticsResponse* response) override;
  grpc::Status AnalyzeFailedCalls(grpc::ServerContext* context, const campaigns::v1::AnalyzeFailedCallsRequest* request,
                                  campaigns::v1::AnalyzeFailedCallsResponse* response) override;
  grpc::Status ListCampaignTransitions(grpc::ServerContext* context,
                                       const campaigns::v1::ListCampaignTransitionsRequest* request,
                                       campaigns::v1::ListCampaignTransitionsResponse* response) override;
  grpc::Status ExplainContact(grpc::ServerContext* context, const campaigns::v1::ExplainContactRequest* request,
                              campaigns::v1::ExplainContactResponse* response) override;
  grpc::Status ExplainCampaign(grpc::ServerContext* context, const campaigns::v1::ExplainCampaignRequest* request,
                               campaigns::v1::ExplainCampaignResponse* response) override;
  grpc::Status ExportCampaign(grpc::ServerContext* context, const campaigns::v1::ExportCampaignRequest* request,
                              grpc::ServerWriter<campaigns::v1::ExportCampaignResponse>* writer) override;

 private:
  const Parts parts_;
};

}  // namespace trunkline::scheduler
