// For integration tests: what campaigns are commanded and read with, on a database of the test's own, with two
// businesses and a clock that is moved by hand.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "services/campaign-scheduler/campaigns/campaign_commands.h"
#include "services/campaign-scheduler/campaigns/campaign_progress.h"
#include "services/campaign-scheduler/campaigns/campaign_queries.h"
#include "services/campaign-scheduler/campaigns/campaign_statistics.h"
#include "services/campaign-scheduler/campaigns/suppression_list.h"
#include "services/campaign-scheduler/contacts/contact_import.h"
#include "services/campaign-scheduler/contacts/contact_queries.h"
#include "tests/support/test_database.h"

namespace trunkline::scheduler {

inline constexpr char kOurs[] = "0190b2c3-0000-7000-8000-00000000000a";
inline constexpr char kTheirs[] = "0190b2c3-0000-7000-8000-00000000000b";

class CampaignsFixture : public ::testing::Test {
 protected:
  CampaignsFixture() {
    for (const char* business : {kOurs, kTheirs}) {
      Run(Concat("INSERT INTO businesses (business_id, name) VALUES ('", business, "', 'test')"));
    }
  }

  static std::string NewId() { return NewUuid(absl::Now()); }
  static rpc::Caller CallerOf(const std::string& business_id) {
    return {.business_id = business_id, .actor = "api-key:test"};
  }

  static campaigns::v1::CreateCampaignRequest Wish(const std::string& name) {
    campaigns::v1::CreateCampaignRequest request;
    request.set_request_id(NewId());
    request.set_name(name);
    request.mutable_settings()->set_default_region("US");
    request.mutable_settings()->mutable_plan()->add_verbs()->mutable_say()->set_text("Hello {{name}}");
    return request;
  }
  campaigns::v1::Campaign Create(const std::string& name = "spring") {
    const auto campaign = commands_.Create(CallerOf(kOurs), Wish(name));
    EXPECT_TRUE(campaign.ok()) << campaign.status();
    return campaign.value_or(campaigns::v1::Campaign());
  }

  campaigns::v1::ImportHead Head(const std::string& campaign_id) const {
    campaigns::v1::ImportHead head;
    head.set_import_id(NewId());
    head.set_campaign_id(campaign_id);
    return head;
  }
  // A whole file.
  absl::StatusOr<campaigns::v1::ContactImport> Import(const campaigns::v1::ImportHead& head, std::string_view file,
                                                      ContactImport::Options options = {}) {
    TL_ASSIGN_OR_RETURN(ContactImport import, ContactImport::Begin(imports_, kOurs, head, options));
    TL_RETURN_IF_ERROR(import.Append(file));
    TL_RETURN_IF_ERROR(import.End());
    return import.state();
  }
  // A campaign with contacts +12025550100 and so on.
  campaigns::v1::Campaign CreateWith(int contacts) {
    campaigns::v1::Campaign campaign = Create();
    std::string file = "number,name\n";
    for (int i = 0; i < contacts; ++i) file += Concat("+1202555", 1'000 + i, ",name ", i, "\n");
    const auto imported = Import(Head(campaign.campaign_id()), file);
    EXPECT_TRUE(imported.ok()) << imported.status();
    return Get(campaign.campaign_id());
  }
  campaigns::v1::Campaign Get(const std::string& campaign_id) { return *queries_.Get(kOurs, campaign_id); }
  std::vector<campaigns::v1::Contact> Contacts(const std::string& campaign_id) {
    campaigns::v1::ListContactsRequest request;
    request.set_campaign_id(campaign_id);
    request.set_page_size(500);
    const auto response = contacts_.List(kOurs, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return {response->contacts().begin(), response->contacts().end()};
  }

  // A request about one campaign.
  template <typename Request>
  static Request About(const std::string& campaign_id) {
    Request request;
    request.set_campaign_id(campaign_id);
    return request;
  }
  absl::StatusOr<campaigns::v1::Campaign> Start(const std::string& id, const std::string& business = kOurs) {
    return commands_.Start(CallerOf(business), About<campaigns::v1::StartCampaignRequest>(id));
  }
  absl::StatusOr<campaigns::v1::Campaign> Pause(const std::string& id, const std::string& business = kOurs) {
    return commands_.Pause(CallerOf(business), About<campaigns::v1::PauseCampaignRequest>(id));
  }
  absl::StatusOr<campaigns::v1::Campaign> Resume(const std::string& id, const std::string& business = kOurs) {
    return commands_.Resume(CallerOf(business), About<campaigns::v1::ResumeCampaignRequest>(id));
  }
  absl::StatusOr<campaigns::v1::Campaign> Cancel(const std::string& id, const std::string& business = kOurs) {
    return commands_.Cancel(CallerOf(business), About<campaigns::v1::CancelCampaignRequest>(id));
  }

  int64_t Count(const std::string& sql) {
    const auto count = owner_.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute(sql));
      return rows.Integer(0, 0);
    });
    EXPECT_TRUE(count.ok()) << count.status();
    return count.value_or(-1);
  }
  std::string Text(const std::string& sql) {
    const auto text = owner_.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<std::string> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute(sql));
      return rows.String(0, 0);
    });
    EXPECT_TRUE(text.ok()) << text.status();
    return text.value_or("");
  }
  void Run(const std::string& sql) {
    const absl::Status status = owner_.InTransaction([&](postgres::Transaction& tx) { return tx.ExecuteScript(sql); });
    EXPECT_TRUE(status.ok()) << status;
  }

  testing_support::TestDatabase database_;
  postgres::Pool owner_{{.url = database_.url()}};
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_scheduler"), .size = 12}};
  postgres::Pool worker_pool_{{.url = database_.UrlOf("trunkline_scheduler_worker"), .size = 4}};
  ManualClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  CampaignCommands commands_{pool_, clock_};
  CampaignQueries queries_{pool_};
  ProgressReader progress_{pool_, {}};
  StatisticsReader statistics_{pool_};
  SuppressionList suppressions_{pool_, clock_};
  ContactQueries contacts_{pool_, clock_};
  ImportStore imports_{pool_, clock_};
};

}  // namespace trunkline::scheduler
