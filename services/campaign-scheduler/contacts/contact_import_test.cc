#include "services/campaign-scheduler/contacts/contact_import.h"

#include "services/campaign-scheduler/testing/campaigns_fixture.h"

namespace trunkline::scheduler {
namespace {

using ::testing::HasSubstr;

constexpr char kFile[] =
    "\xEF\xBB\xBFnumber,name,time_zone,priority\r\n"
    "+12025550100,\"Ada, \"\"Countess\"\"\r\nof Lovelace\",Europe/London,5\r\n"
    "2025550101,Grace,,\r\n"
    "\r\n"
    "nonsense,Nobody,Mars/Olympus,1000\r\n"
    "+12025550100,Ada again,,\r\n"
    "\"+12025550102\",Katherine\r\n"
    "+12025550103,\"never closed,,\r\n"
    "+12025550104,Dorothy,America/New_York,-3";

class ContactImportTest : public CampaignsFixture {
 protected:
  const std::string campaign_ = Create().campaign_id();

  campaigns::v1::ImportHead HeadWith(campaigns::v1::DuplicatePolicy policy) {
    campaigns::v1::ImportHead head = Head(campaign_);
    head.set_duplicates(policy);
    return head;
  }
  // Everything that an import leaves but ids and times.
  std::string Left(const std::string& campaign_id) {
    return Text(
               Concat("SELECT string_agg(concat_ws('|', position, number, external_id, priority, time_zone, ",
                      "encode(variables, 'hex'), state), E'\\n' ORDER BY position) FROM contacts WHERE campaign_id = '",
                      campaign_id, "'")) +
           Text(Concat("SELECT concat_ws('|', contacts_total, contacts_pending, last_position) FROM campaign_progress ",
                       "WHERE campaign_id = '", campaign_id, "'")) +
           Text(
               Concat("SELECT concat_ws('|', state, next_offset, next_line, rows, added, updated, duplicates, errors) ",
                      "FROM contact_imports WHERE campaign_id = '", campaign_id, "'")) +
           Text(Concat(
               "SELECT string_agg(concat_ws('|', line, column_name, message), E'\\n' ORDER BY line, column_name) ",
               "FROM contact_import_errors JOIN contact_imports USING (import_id) WHERE campaign_id = '", campaign_id,
               "'"));
  }
};

TEST_F(ContactImportTest, AFileBecomesContactsInItsOrder) {
  const auto import = *Import(Head(campaign_), kFile);
  EXPECT_EQ(import.state(), campaigns::v1::IMPORT_STATE_COMPLETE);
  EXPECT_EQ(import.next_offset(), static_cast<int64_t>(sizeof kFile - 1));
  EXPECT_EQ(import.rows(), 7);
  EXPECT_EQ(import.added(), 4);
  EXPECT_EQ(import.duplicates(), 1);
  EXPECT_EQ(import.errors(), 2);
  const auto contacts = Contacts(campaign_);
  ASSERT_EQ(contacts.size(), 4);
  EXPECT_EQ(contacts[0].variables().at("name"), "Ada, \"Countess\"\r\nof Lovelace");
  EXPECT_EQ(contacts[0].time_zone(), "Europe/London");
  EXPECT_EQ(contacts[0].priority(), 5);
  EXPECT_EQ(contacts[1].number(), "+12025550101");
  EXPECT_EQ(contacts[3].number(), "+12025550104");
  EXPECT_EQ(contacts[3].position(), 4);
  EXPECT_EQ(Get(campaign_).contacts().pending(), 4);
}

TEST_F(ContactImportTest, WhatIsWrongIsToldWithItsLine) {
  const auto import = *Import(Head(campaign_), kFile);
  campaigns::v1::ListContactImportErrorsRequest request;
  request.set_import_id(import.import_id());
  request.set_page_size(2);
  auto page = *contacts_.ListImportErrors(kOurs, request);
  ASSERT_EQ(page.errors_size(), 2);
  EXPECT_EQ(page.errors(0).line(), 6);
  EXPECT_EQ(page.errors(0).column(), "number");
  request.set_page_token(page.next_page_token());
  page = *contacts_.ListImportErrors(kOurs, request);
  ASSERT_EQ(page.errors_size(), 2);
  EXPECT_EQ(page.errors(0).column(), "time_zone");
  EXPECT_EQ(page.errors(1).line(), 9);
  EXPECT_THAT(page.errors(1).message(), HasSubstr("not closed"));
  EXPECT_TRUE(page.next_page_token().empty());
}

TEST_F(ContactImportTest, BrokenOffAnywhereItGoesOnAndLeavesTheSame) {
  ASSERT_TRUE(Import(Head(campaign_), kFile, {.batch_rows = 2}).ok());
  const std::string wanted = Left(campaign_);
  const std::string_view file(kFile);
  for (size_t broken = 0; broken <= file.size(); broken += 3) {
    const std::string other = Create().campaign_id();
    campaigns::v1::ImportHead head = Head(other);
    {
      auto import = *ContactImport::Begin(imports_, kOurs, head, {.batch_rows = 2});
      ASSERT_TRUE(import.Append(file.substr(0, broken)).ok());
      // Every other time the process died.
      if (broken % 2 == 0) {
        ASSERT_TRUE(import.Flush().ok());
      }
    }
    head.set_offset(contacts_.GetImport(kOurs, head.import_id())->next_offset());
    auto import = *ContactImport::Begin(imports_, kOurs, head, {.batch_rows = 2});
    ASSERT_TRUE(import.Append(file.substr(static_cast<size_t>(head.offset()))).ok());
    ASSERT_TRUE(import.End().ok());
    EXPECT_EQ(Left(other), wanted) << "broken off at byte " << broken;
  }
}

TEST_F(ContactImportTest, AStreamWithoutItsEndTakesNoHalfRow) {
  auto import = *ContactImport::Begin(imports_, kOurs, Head(campaign_), {});
  ASSERT_TRUE(import.Append("number\n+12025550100\n+1202555010").ok());
  ASSERT_TRUE(import.Flush().ok());
  EXPECT_EQ(import.state().state(), campaigns::v1::IMPORT_STATE_OPEN);
  EXPECT_EQ(import.state().added(), 1);
  EXPECT_EQ(import.state().next_offset(), 20);
}

TEST_F(ContactImportTest, BytesMustFollowThoseThatWereTaken) {
  campaigns::v1::ImportHead head = Head(campaign_);
  head.set_offset(5);
  EXPECT_EQ(ReasonOf(ContactImport::Begin(imports_, kOurs, head, {}).status()), Reason::REASON_IMPORT_OFFSET_MISMATCH);
}

TEST_F(ContactImportTest, TwoStreamsOfOneImportDoNotMix) {
  const campaigns::v1::ImportHead head = Head(campaign_);
  auto first = *ContactImport::Begin(imports_, kOurs, head, {.batch_rows = 1});
  auto second = *ContactImport::Begin(imports_, kOurs, head, {.batch_rows = 1});
  ASSERT_TRUE(first.Append("number\n+12025550100\n").ok());
  EXPECT_EQ(ReasonOf(second.Append("number\n+12025550100\n")), Reason::REASON_IMPORT_OFFSET_MISMATCH);
  EXPECT_EQ(Contacts(campaign_).size(), 1);
}

TEST_F(ContactImportTest, ACompleteImportIsNotTakenAgain) {
  const campaigns::v1::ImportHead head = Head(campaign_);
  ASSERT_TRUE(Import(head, "number\n+12025550100\n").ok());
  const auto again = *Import(head, "number\n+12025550199\n");
  EXPECT_EQ(again.added(), 1);
  EXPECT_EQ(Contacts(campaign_).size(), 1);
  campaigns::v1::ImportHead other = head;
  other.set_duplicates(campaigns::v1::DUPLICATE_POLICY_REJECT);
  EXPECT_EQ(ReasonOf(Import(other, "").status()), Reason::REASON_REQUEST_ID_REUSED);
}

TEST_F(ContactImportTest, DuplicatesFollowThePolicyWithinAFileAndAcrossFiles) {
  constexpr char kTwice[] = "number,name\n+12025550100,a\n+12025550100,b\n";
  ASSERT_TRUE(Import(HeadWith(campaigns::v1::DUPLICATE_POLICY_SKIP), kTwice).ok());
  EXPECT_EQ(Contacts(campaign_)[0].variables().at("name"), "a");
  const auto updated = *Import(HeadWith(campaigns::v1::DUPLICATE_POLICY_UPDATE), kTwice);
  EXPECT_EQ(updated.updated(), 2);
  EXPECT_EQ(Contacts(campaign_)[0].variables().at("name"), "b");
  const auto rejected = *Import(HeadWith(campaigns::v1::DUPLICATE_POLICY_REJECT), kTwice);
  EXPECT_EQ(rejected.errors(), 2);
  EXPECT_EQ(Contacts(campaign_).size(), 1);
  const auto fresh =
      *Import(HeadWith(campaigns::v1::DUPLICATE_POLICY_UPDATE), "number,name\n+12025550101,c\n+12025550101,d\n");
  EXPECT_EQ(fresh.added(), 1);
  EXPECT_EQ(fresh.updated(), 1);
  EXPECT_EQ(Contacts(campaign_)[1].variables().at("name"), "d");
  EXPECT_EQ(Get(campaign_).contacts().total(), 2);
}

TEST_F(ContactImportTest, AnUpdateLeavesPlaceAndAttempts) {
  ASSERT_TRUE(Import(Head(campaign_), "number,name\n+12025550100,a\n+12025550101,b\n").ok());
  Run("UPDATE contacts SET state = 3, attempts = 1, endings = '{3}', due_at = now() WHERE position = 1");
  ASSERT_TRUE(Import(HeadWith(campaigns::v1::DUPLICATE_POLICY_UPDATE), "number,priority\n+12025550100,9\n").ok());
  const auto contact = Contacts(campaign_)[0];
  EXPECT_EQ(contact.position(), 1);
  EXPECT_EQ(contact.priority(), 9);
  EXPECT_EQ(contact.attempts(), 1);
  EXPECT_EQ(contact.state(), campaigns::v1::CONTACT_STATE_WAITING);
  EXPECT_TRUE(contact.variables().empty());
}

TEST_F(ContactImportTest, JsonLinesAreTakenToo) {
  campaigns::v1::ImportHead head = Head(campaign_);
  head.set_format(campaigns::v1::FILE_FORMAT_JSON_LINES);
  const auto import = *Import(head, "{\"number\":\"+12025550100\",\"variables\":{\"name\":\"Ada\"}}\n\nno json\n");
  EXPECT_EQ(import.added(), 1);
  EXPECT_EQ(import.errors(), 1);
  EXPECT_EQ(import.rows(), 2);
}

TEST_F(ContactImportTest, AFileWithoutAHeaderIsRefusedAndNothingIsTaken) {
  for (const char* file : {"", "name\nAda\n", "+12025550100\n"}) {
    EXPECT_EQ(ReasonOf(Import(Head(campaign_), file).status()), Reason::REASON_INVALID_FIELD) << file;
  }
  EXPECT_TRUE(Contacts(campaign_).empty());
}

TEST_F(ContactImportTest, ACampaignInAFinalStateTakesNoContacts) {
  auto open = *ContactImport::Begin(imports_, kOurs, Head(campaign_), {});
  ASSERT_TRUE(Cancel(campaign_).ok());
  EXPECT_EQ(ReasonOf(Import(Head(campaign_), "number\n").status()), Reason::REASON_ILLEGAL_TRANSITION);
  ASSERT_TRUE(open.Append("number\n+12025550100\n").ok());
  EXPECT_EQ(ReasonOf(open.End()), Reason::REASON_ILLEGAL_TRANSITION);
  EXPECT_EQ(Count("SELECT count(*) FROM contacts"), 0);
}

TEST_F(ContactImportTest, AtMostTenThousandErrorsAreKeptAndAllAreCounted) {
  std::string file = "number\n";
  for (int i = 0; i < 10'100; ++i) file += "x\n";
  EXPECT_EQ(Import(Head(campaign_), file)->errors(), 10'100);
  EXPECT_EQ(Count("SELECT count(*) FROM contact_import_errors"), 10'000);
}

}  // namespace
}  // namespace trunkline::scheduler
