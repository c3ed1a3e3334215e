// The three services over gRPC, with API keys: who calls, rich errors, the streams.
#include <thread>

#include "libs/access/api_key_authenticator.h"
#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/metrics/registry.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/server.h"
#include "services/campaign-scheduler/api/campaign_handler.h"
#include "services/campaign-scheduler/api/contact_handler.h"
#include "services/campaign-scheduler/api/suppression_handler.h"
#include "services/campaign-scheduler/testing/campaigns_fixture.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::CampaignService;
using campaigns::v1::ContactService;

class ApiTest : public CampaignsFixture {
 protected:
  ApiTest() {
    Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", NewId(), "', '", kOurs,
               "', 'test', decode('", HexEncode(Sha256(key_)), "', 'hex'))"));
    server_ = *rpc::Server::Start({}, {&campaign_handler_, &contact_handler_, &suppression_handler_});
    channel_ = rpc::MakeChannel(Concat("127.0.0.1:", server_->port()));
    campaigns_stub_ = CampaignService::NewStub(channel_);
    contacts_stub_ = ContactService::NewStub(channel_);
  }

  std::unique_ptr<grpc::ClientContext> Context() const {
    auto context = std::make_unique<grpc::ClientContext>();
    rpc::Prepare(context.get(), absl::Seconds(30), key_);
    context->set_wait_for_ready(true);
    return context;
  }
  // Sends the pieces, with or without the end.
  absl::StatusOr<campaigns::v1::ContactImport> Send(const campaigns::v1::ImportHead& head,
                                                    const std::vector<std::string>& pieces, bool end) {
    campaigns::v1::ImportContactsResponse response;
    const auto context = Context();
    const auto writer = contacts_stub_->ImportContacts(context.get(), &response);
    campaigns::v1::ImportContactsRequest request;
    *request.mutable_head() = head;
    bool open = writer->Write(request);
    for (const std::string& piece : pieces) {
      request.set_data(piece);
      open = open && writer->Write(request);
    }
    request.set_end(true);
    if (end && open) writer->Write(request);
    writer->WritesDone();
    TL_RETURN_IF_ERROR(rpc::FromGrpc(writer->Finish()));
    return response.contact_import();
  }

  const std::string key_ = "tl_" + std::string(43, 'k');
  metrics::Registry metrics_;
  access::ApiKeyAuthenticator authenticator_{pool_, clock_, {}};
  const rpc::Methods methods_{authenticator_, metrics_, clock_};
  const Explainer explainer_{{pool_, worker_pool_, progress_, clock_, {}, {}}, {}};
  StreamLimit streams_{{.of_business = 1, .in_all = 2}};
  CampaignHandler campaign_handler_{
      {methods_, commands_, queries_, progress_, statistics_, explainer_, pool_, streams_}};
  ContactHandler contact_handler_{{methods_, contacts_, imports_, streams_, {.batch_rows = 100}}};
  SuppressionHandler suppression_handler_{{methods_, suppressions_}};
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<CampaignService::Stub> campaigns_stub_;
  std::unique_ptr<ContactService::Stub> contacts_stub_;
};

TEST_F(ApiTest, NobodyWithoutAKeyIsServed) {
  grpc::ClientContext context;
  campaigns::v1::ListCampaignsResponse response;
  const absl::Status status = rpc::FromGrpc(campaigns_stub_->ListCampaigns(&context, {}, &response));
  EXPECT_EQ(ReasonOf(status), Reason::REASON_UNAUTHENTICATED);
}

TEST_F(ApiTest, ACampaignIsMadeFilledStartedAndExportedOverTheWire) {
  campaigns::v1::CreateCampaignResponse created;
  ASSERT_TRUE(campaigns_stub_->CreateCampaign(Context().get(), Wish("wire"), &created).ok());
  const std::string id = created.campaign().campaign_id();
  EXPECT_TRUE(created.campaign().state_actor().starts_with("api-key:"));
  const auto import = Send(Head(id), {"number,na", "me\n+12025550100,=1+1\n+1202555", "0101,Grace"}, /*end=*/true);
  ASSERT_TRUE(import.ok()) << import.status();
  EXPECT_EQ(import->added(), 2);
  EXPECT_EQ(import->state(), campaigns::v1::IMPORT_STATE_COMPLETE);
  campaigns::v1::StartCampaignResponse started;
  ASSERT_TRUE(
      campaigns_stub_->StartCampaign(Context().get(), About<campaigns::v1::StartCampaignRequest>(id), &started).ok());
  EXPECT_EQ(started.campaign().state(), campaigns::v1::CAMPAIGN_STATE_RUNNING);

  const auto context = Context();
  const auto reader = campaigns_stub_->ExportCampaign(context.get(), About<campaigns::v1::ExportCampaignRequest>(id));
  std::string file;
  campaigns::v1::ExportCampaignResponse piece;
  while (reader->Read(&piece)) file += piece.data();
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(std::count(file.begin(), file.end(), '\n'), 3);
}

TEST_F(ApiTest, AnIllegalTransitionTellsItsReasonOverTheWire) {
  campaigns::v1::PauseCampaignResponse response;
  const absl::Status status = rpc::FromGrpc(campaigns_stub_->PauseCampaign(
      Context().get(), About<campaigns::v1::PauseCampaignRequest>(Create().campaign_id()), &response));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), Reason::REASON_ILLEGAL_TRANSITION);
}

TEST_F(ApiTest, AStreamThatBreaksKeepsWhatWasWholeAndGoesOn) {
  const std::string id = Create().campaign_id();
  campaigns::v1::ImportHead head = Head(id);
  const auto broken = Send(head, {"number\n+12025550100\n+1202555"}, /*end=*/false);
  ASSERT_TRUE(broken.ok()) << broken.status();
  EXPECT_EQ(broken->state(), campaigns::v1::IMPORT_STATE_OPEN);
  EXPECT_EQ(broken->added(), 1);
  EXPECT_EQ(ReasonOf(Send(head, {"x"}, true).status()), Reason::REASON_IMPORT_OFFSET_MISMATCH);
  head.set_offset(broken->next_offset());
  EXPECT_EQ(Send(head, {"+12025550101"}, true)->added(), 2);
}

TEST_F(ApiTest, PiecesInTheWrongOrderAreRefused) {
  campaigns::v1::ImportContactsResponse response;
  const auto context = Context();
  const auto writer = contacts_stub_->ImportContacts(context.get(), &response);
  campaigns::v1::ImportContactsRequest request;
  request.set_data("number\n");
  writer->Write(request);
  writer->WritesDone();
  EXPECT_EQ(ReasonOf(rpc::FromGrpc(writer->Finish())), Reason::REASON_INVALID_FIELD);
}

TEST_F(ApiTest, ABusinessHasNoMoreStreamsThanItsPart) {
  const std::string id = Create().campaign_id();
  campaigns::v1::ImportContactsResponse response;
  const auto context = Context();
  const auto writer = contacts_stub_->ImportContacts(context.get(), &response);
  campaigns::v1::ImportContactsRequest request;
  campaigns::v1::ImportHead head = Head(id);
  *request.mutable_head() = head;
  ASSERT_TRUE(writer->Write(request));
  // The stream is let in when its import is there.
  campaigns::v1::GetContactImportRequest about;
  about.set_import_id(head.import_id());
  campaigns::v1::GetContactImportResponse found;
  while (!contacts_stub_->GetContactImport(Context().get(), about, &found).ok()) std::this_thread::yield();
  EXPECT_EQ(ReasonOf(Send(Head(id), {"number\n"}, true).status()), Reason::REASON_LIMIT_REACHED);
  writer->WritesDone();
  EXPECT_TRUE(writer->Finish().ok());
  EXPECT_TRUE(Send(Head(id), {"number\n"}, true).ok());
}

}  // namespace
}  // namespace trunkline::scheduler
