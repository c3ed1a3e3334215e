#include "services/campaign-scheduler/contacts/campaign_export.h"

#include "libs/base/json.h"
#include "services/campaign-scheduler/contacts/record_reader.h"
#include "services/campaign-scheduler/testing/campaigns_fixture.h"

namespace trunkline::scheduler {
namespace {

class CampaignExportTest : public CampaignsFixture {
 protected:
  std::string Export(const std::string& campaign_id, campaigns::v1::ExportKind kind,
                     campaigns::v1::FileFormat format = campaigns::v1::FILE_FORMAT_CSV) {
    campaigns::v1::ExportCampaignRequest request;
    request.set_campaign_id(campaign_id);
    request.set_kind(kind);
    request.set_format(format);
    auto file = *CampaignExport::Begin(pool_, kOurs, request);
    std::string bytes;
    while (true) {
      const auto piece = file.Next();
      EXPECT_TRUE(piece.ok()) << piece.status();
      if (!piece.ok() || !piece->has_value()) return bytes;
      bytes += **piece;
    }
  }
  static std::vector<Record> Rows(const std::string& file) {
    RecordReader reader(campaigns::v1::FILE_FORMAT_CSV, {});
    reader.Append(file);
    reader.End();
    std::vector<Record> rows;
    while (auto row = reader.Next()) rows.push_back(*std::move(row));
    return rows;
  }
  // Two attempts of the contact at position 1, decided by one rule.
  void AddAttempts(const std::string& campaign_id) {
    campaigns::v1::Decision decision;
    decision.set_allowed(true);
    decision.add_time_zones("America/New_York");
    auto* result = decision.add_results();
    result->set_rule(campaigns::v1::CALL_RULE_CALLING_WINDOW);
    result->set_passes(true);
    result->set_value("10:00");
    campaigns::v1::Attempt outcome;
    outcome.mutable_error()->set_provider_code("=cmd");
    for (int number = 1; number <= 2; ++number) {
      const absl::Status put = owner_.InTransaction([&](postgres::Transaction& tx) {
        return tx
            .Execute(
                "INSERT INTO attempts (attempt_id, campaign_id, contact_id, position, business_id, number, "
                "to_number, epoch, slot_id, committed_at, dial_before, decision, call_id, disposition, ended_at, "
                "talk_milliseconds, outcome) SELECT $1, campaign_id, contact_id, position, business_id, $2, number, "
                "1, $1, now(), now(), $3, $1, 4, now(), 1500, $4 FROM contacts WHERE campaign_id = $5 AND "
                "position = 1",
                {NewId(), number, postgres::Parameter::Bytes(decision.SerializeAsString()),
                 postgres::Parameter::Bytes(outcome.SerializeAsString()), campaign_id})
            .status();
      });
      ASSERT_TRUE(put.ok()) << put;
    }
  }
};

TEST_F(CampaignExportTest, EveryContactIsThereOnceOverManyPages) {
  const std::string id = CreateWith(2'345).campaign_id();
  const auto rows = Rows(Export(id, campaigns::v1::EXPORT_KIND_CONTACTS));
  ASSERT_EQ(rows.size(), 2'346);
  EXPECT_EQ(rows[0].fields[2], "number");
  for (size_t i = 1; i < rows.size(); ++i) ASSERT_EQ(rows[i].fields[1], Concat(i));
}

TEST_F(CampaignExportTest, AFileThatCameInAMomentAgoIsReadOnceAndNotAnewForEveryPage) {
  Run("ALTER TABLE contacts SET (autovacuum_enabled = off)");
  const std::string id = Create().campaign_id();
  constexpr int kContacts = 60'000;
  Run(Concat("INSERT INTO contacts (campaign_id, position, contact_id, business_id, number) SELECT '", id,
             "', i, gen_random_uuid(), '", kOurs, "', '+1202' || (5000000 + i) FROM generate_series(1, ", kContacts,
             ") AS i"));
  const auto entries_read = [this] {
    const absl::Status flushed = pool_.InBusiness(
        kOurs, [](postgres::Transaction& tx) { return tx.Execute("SELECT pg_stat_force_next_flush()").status(); });
    EXPECT_TRUE(flushed.ok()) << flushed;
    return Count("SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'contacts'");
  };
  const int64_t before = entries_read();
  Export(id, campaigns::v1::EXPORT_KIND_CONTACTS);
  const int64_t read = entries_read() - before;
  EXPECT_GE(read, kContacts) << "the statistics are there";
  EXPECT_LT(read, 2 * kContacts);
}

TEST_F(CampaignExportTest, ContactsComeWithTheirLastAttempt) {
  const std::string id = CreateWith(2).campaign_id();
  AddAttempts(id);
  const std::string file = Export(id, campaigns::v1::EXPORT_KIND_CONTACTS, campaigns::v1::FILE_FORMAT_JSON_LINES);
  const auto first = ParseJson(file.substr(0, file.find('\n')));
  EXPECT_EQ(first.at("number"), "+12025551000");
  EXPECT_EQ(first.at("last_attempt"), 2);
  EXPECT_EQ(first.at("last_disposition"), "no_answer");
  EXPECT_EQ(first.at("talk_seconds"), 1.5);
  EXPECT_EQ(first.at("variables").at("name"), "name 0");
  const auto second = ParseJson(file.substr(file.find('\n') + 1));
  EXPECT_FALSE(second.contains("last_attempt"));
}

TEST_F(CampaignExportTest, AttemptsAndTheEvidenceOfTheirDecisionsAreRows) {
  const std::string id = CreateWith(2).campaign_id();
  EXPECT_EQ(Rows(Export(id, campaigns::v1::EXPORT_KIND_ATTEMPTS)).size(), 1);
  AddAttempts(id);
  const auto attempts = Rows(Export(id, campaigns::v1::EXPORT_KIND_ATTEMPTS));
  ASSERT_EQ(attempts.size(), 3);
  EXPECT_EQ(attempts[2].fields.back(), "'=cmd");
  const auto decisions = Rows(Export(id, campaigns::v1::EXPORT_KIND_DECISIONS));
  ASSERT_EQ(decisions.size(), 3);
  EXPECT_EQ(decisions[1].fields[7], "calling_window");
}

TEST_F(CampaignExportTest, ItIsTheBusinesssOwn) {
  campaigns::v1::ExportCampaignRequest request;
  request.set_campaign_id(CreateWith(1).campaign_id());
  EXPECT_EQ(ReasonOf(CampaignExport::Begin(pool_, kTheirs, request).status()), Reason::REASON_CAMPAIGN_NOT_FOUND);
}

}  // namespace
}  // namespace trunkline::scheduler
