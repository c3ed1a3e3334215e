// Promise 8: a business sees its own campaigns only. Every query and command is tried for another business.
#include "services/campaign-scheduler/contacts/campaign_export.h"
#include "services/campaign-scheduler/testing/campaigns_fixture.h"

namespace trunkline::scheduler {
namespace {

class CampaignIsolationTest : public CampaignsFixture {
 protected:
  const std::string campaign_ = CreateWith(3).campaign_id();
  const rpc::Caller theirs_ = CallerOf(kTheirs);
};

TEST_F(CampaignIsolationTest, AnotherBusinessFindsNoCampaignByAnyCommandOrQuery) {
  auto update = About<campaigns::v1::UpdateCampaignRequest>(campaign_);
  update.set_name("theirs");
  update.mutable_update_mask()->add_paths("name");
  auto clone = About<campaigns::v1::CloneCampaignRequest>(campaign_);
  clone.set_request_id(NewId());
  clone.set_contacts(campaigns::v1::CLONE_CONTACTS_ALL);
  auto contact = About<campaigns::v1::GetContactRequest>(campaign_);
  contact.set_contact_id(Contacts(campaign_)[0].contact_id());
  auto removed = About<campaigns::v1::RemoveContactRequest>(campaign_);
  removed.set_contact_id(contact.contact_id());
  campaigns::v1::AddSuppressionsRequest add;
  add.add_suppressions()->set_number("+12025551000");
  add.mutable_suppressions(0)->set_campaign_id(campaign_);
  auto remove = About<campaigns::v1::RemoveSuppressionsRequest>(campaign_);
  remove.add_numbers("+12025551000");

  const std::vector<absl::Status> refused = {
      queries_.Get(kTheirs, campaign_).status(),
      queries_.ListTransitions(kTheirs, About<campaigns::v1::ListCampaignTransitionsRequest>(campaign_)).status(),
      progress_.Get(kTheirs, campaign_).status(),
      statistics_.Get(kTheirs, About<campaigns::v1::GetCampaignStatisticsRequest>(campaign_)).status(),
      statistics_.AnalyzeFailedCalls(kTheirs, campaign_).status(),
      commands_.Update(theirs_, update).status(),
      Start(campaign_, kTheirs).status(),
      Pause(campaign_, kTheirs).status(),
      Resume(campaign_, kTheirs).status(),
      Cancel(campaign_, kTheirs).status(),
      commands_.Schedule(theirs_, About<campaigns::v1::ScheduleCampaignRequest>(campaign_)).status(),
      commands_.Clone(theirs_, clone).status(),
      contacts_.List(kTheirs, About<campaigns::v1::ListContactsRequest>(campaign_)).status(),
      contacts_.Get(kTheirs, contact).status(),
      contacts_.Remove(theirs_, removed).status(),
      suppressions_.Add(theirs_, add).status(),
      suppressions_.Remove(theirs_, remove).status(),
      suppressions_.List(kTheirs, About<campaigns::v1::ListSuppressionsRequest>(campaign_)).status(),
      CampaignExport::Begin(pool_, kTheirs, About<campaigns::v1::ExportCampaignRequest>(campaign_)).status(),
      ContactImport::Begin(imports_, kTheirs, Head(campaign_), {}).status(),
  };
  for (size_t i = 0; i < refused.size(); ++i) {
    EXPECT_EQ(ReasonOf(refused[i]), Reason::REASON_CAMPAIGN_NOT_FOUND) << i << ": " << refused[i];
  }
  EXPECT_EQ(queries_.List(kTheirs, {})->campaigns_size(), 0);
  EXPECT_EQ(Get(campaign_).name(), "spring");
  EXPECT_EQ(Count("SELECT count(*) FROM campaigns"), 1);
}

TEST_F(CampaignIsolationTest, AnImportBelongsToItsBusiness) {
  const campaigns::v1::ImportHead head = Head(campaign_);
  ASSERT_TRUE(Import(head, "number\n").ok());
  EXPECT_EQ(ReasonOf(contacts_.GetImport(kTheirs, head.import_id()).status()), Reason::REASON_IMPORT_NOT_FOUND);
  campaigns::v1::ListContactImportErrorsRequest errors;
  errors.set_import_id(head.import_id());
  EXPECT_EQ(ReasonOf(contacts_.ListImportErrors(kTheirs, errors).status()), Reason::REASON_IMPORT_NOT_FOUND);
  // Its id is taken, and tells nothing more.
  campaigns::v1::ImportHead same = head;
  same.set_campaign_id(commands_.Create(theirs_, Wish("theirs"))->campaign_id());
  EXPECT_EQ(ReasonOf(ContactImport::Begin(imports_, kTheirs, same, {}).status()), Reason::REASON_REQUEST_ID_REUSED);
}

TEST_F(CampaignIsolationTest, ListsAreTheBusinesssOwnAndTheDeploymentsIsNotSeen) {
  campaigns::v1::AddSuppressionsRequest add;
  add.add_suppressions()->set_number("+12025551000");
  ASSERT_TRUE(suppressions_.Add(CallerOf(kOurs), add).ok());
  Run("INSERT INTO suppression (number, reason, actor) VALUES ('+12025551001', 'law', 'operator')");
  EXPECT_EQ(suppressions_.List(kTheirs, {})->suppressions_size(), 0);
  EXPECT_EQ(suppressions_.List(kOurs, {})->suppressions_size(), 1);
  campaigns::v1::RemoveSuppressionsRequest remove;
  remove.add_numbers("+12025551000");
  remove.add_numbers("+12025551001");
  EXPECT_EQ(suppressions_.Remove(theirs_, remove)->removed(), 0);
  EXPECT_EQ(suppressions_.Remove(CallerOf(kOurs), remove)->removed(), 1);
}

TEST_F(CampaignIsolationTest, TheDatabaseRefusesEvenAQueryThatForgetsTheBusiness) {
  ASSERT_TRUE(Start(campaign_).ok());
  for (const char* table : {"campaigns", "campaign_progress", "campaign_transitions", "contacts", "contact_imports"}) {
    const auto count = [&](postgres::Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute(Concat("SELECT count(*) FROM ", table)));
      return rows.Integer(0, 0);
    };
    EXPECT_EQ(*pool_.InTransaction(count), 0) << table;
    EXPECT_EQ(*pool_.InBusiness(kTheirs, count), 0) << table;
    EXPECT_GT(*pool_.InBusiness(kOurs, count), 0) << table;
  }
  const absl::Status forged = pool_.InBusiness(kTheirs, [&](postgres::Transaction& tx) {
    return tx
        .Execute("INSERT INTO suppression (number, business_id, reason, actor) VALUES ('+12025551000', $1, 'x', 'x')",
                 {kOurs})
        .status();
  });
  EXPECT_EQ(forged.code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace trunkline::scheduler
