#include "services/campaign-scheduler/contacts/contact_queries.h"

#include "services/campaign-scheduler/testing/campaigns_fixture.h"

namespace trunkline::scheduler {
namespace {

class ContactQueriesTest : public CampaignsFixture {
 protected:
  const std::string campaign_ = CreateWith(5).campaign_id();

  absl::StatusOr<campaigns::v1::Contact> Remove(const campaigns::v1::Contact& contact) {
    campaigns::v1::RemoveContactRequest request;
    request.set_campaign_id(contact.campaign_id());
    request.set_contact_id(contact.contact_id());
    return contacts_.Remove(CallerOf(kOurs), request);
  }
};

TEST_F(ContactQueriesTest, PagesHaveEachContactOnce) {
  campaigns::v1::ListContactsRequest request;
  request.set_campaign_id(campaign_);
  request.set_page_size(2);
  std::vector<int64_t> positions;
  do {
    const auto page = *contacts_.List(kOurs, request);
    for (const auto& contact : page.contacts()) positions.push_back(contact.position());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(positions, ::testing::ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(ContactQueriesTest, FiltersAreOfStateAndNumberAndATokenIsOfItsFilters) {
  Run("UPDATE contacts SET state = 4 WHERE position = 2");
  campaigns::v1::ListContactsRequest request;
  request.set_campaign_id(campaign_);
  request.add_states(campaigns::v1::CONTACT_STATE_REACHED);
  EXPECT_EQ(contacts_.List(kOurs, request)->contacts(0).position(), 2);
  request.clear_states();
  request.set_number("+12025551003");
  EXPECT_EQ(contacts_.List(kOurs, request)->contacts(0).position(), 4);
  request.clear_number();
  request.set_page_size(1);
  request.set_page_token(contacts_.List(kOurs, request)->next_page_token());
  request.set_number("+12025551003");
  EXPECT_EQ(ReasonOf(contacts_.List(kOurs, request).status()), Reason::REASON_INVALID_PAGE_TOKEN);
}

TEST_F(ContactQueriesTest, ARemovedContactIsCountedOnceHoweverOftenItIsRemoved) {
  const auto contact = Contacts(campaign_)[1];
  EXPECT_EQ(Remove(contact)->state(), campaigns::v1::CONTACT_STATE_REMOVED);
  EXPECT_EQ(Remove(contact)->state(), campaigns::v1::CONTACT_STATE_REMOVED);
  EXPECT_EQ(Get(campaign_).contacts().removed(), 1);
  EXPECT_EQ(Get(campaign_).contacts().pending(), 4);
}

TEST_F(ContactQueriesTest, AContactUnderWayIsNotCalledAgain) {
  Run("UPDATE contacts SET state = 2 WHERE position = 1; UPDATE campaign_progress SET contacts_pending = 4, "
      "contacts_in_flight = 1");
  const auto contact = Contacts(campaign_)[0];
  EXPECT_EQ(Remove(contact)->state(), campaigns::v1::CONTACT_STATE_IN_FLIGHT);
  campaigns::v1::ListSuppressionsRequest request;
  request.set_campaign_id(campaign_);
  const auto list = *suppressions_.List(kOurs, request);
  ASSERT_EQ(list.suppressions_size(), 1);
  EXPECT_EQ(list.suppressions(0).number(), contact.number());
  EXPECT_EQ(Get(campaign_).contacts().in_flight(), 1);
}

TEST_F(ContactQueriesTest, AContactOfAnotherCampaignIsNotThere) {
  auto contact = Contacts(campaign_)[0];
  contact.set_campaign_id(Create("other").campaign_id());
  EXPECT_EQ(ReasonOf(Remove(contact).status()), Reason::REASON_CONTACT_NOT_FOUND);
  campaigns::v1::GetContactRequest request;
  request.set_campaign_id(contact.campaign_id());
  request.set_contact_id("x");
  EXPECT_EQ(ReasonOf(contacts_.Get(kOurs, request).status()), Reason::REASON_INVALID_FIELD);
}

TEST_F(ContactQueriesTest, ANumberIsAddedToAListOnceAndAgainWhenItsTimeIsOver) {
  campaigns::v1::AddSuppressionsRequest request;
  auto* suppression = request.add_suppressions();
  suppression->set_number("+12025551000");
  suppression->set_reason("asked");
  suppression->mutable_expires_at()->set_seconds(absl::ToUnixSeconds(clock_.Now() + absl::Hours(1)));
  *request.add_suppressions() = *suppression;  // the same once more
  EXPECT_EQ(suppressions_.Add(CallerOf(kOurs), request)->added(), 1);
  EXPECT_EQ(suppressions_.Add(CallerOf(kOurs), request)->added(), 0);
  request.mutable_suppressions()->RemoveLast();
  clock_.Advance(absl::Hours(2));
  EXPECT_EQ(ReasonOf(suppressions_.Add(CallerOf(kOurs), request).status()), Reason::REASON_INVALID_FIELD);
  suppression->clear_expires_at();
  EXPECT_EQ(suppressions_.Add(CallerOf(kOurs), request)->added(), 1);
  EXPECT_EQ(suppressions_.List(kOurs, {})->suppressions_size(), 1);
  EXPECT_FALSE(suppressions_.List(kOurs, {})->suppressions(0).has_expires_at());
  campaigns::v1::RemoveSuppressionsRequest remove;
  remove.add_numbers("+12025551000");
  EXPECT_EQ(suppressions_.Remove(CallerOf(kOurs), remove)->removed(), 1);
  EXPECT_EQ(suppressions_.Remove(CallerOf(kOurs), remove)->removed(), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE subject = 'suppression'"), 5);
}

}  // namespace
}  // namespace trunkline::scheduler
