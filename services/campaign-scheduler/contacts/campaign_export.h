// A campaign's contacts, attempts or decisions as a file, page by page: nothing is held in memory but one page, and no
// transaction stays open while a slow client reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/campaign-scheduler/contacts/file_writer.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

class CampaignExport {
 public:
  // Checks the request, and that the business has the campaign. The pool outlives the object.
  static absl::StatusOr<CampaignExport> Begin(postgres::Pool& pool, std::string_view business_id,
                                              const campaigns::v1::ExportCampaignRequest& request);

  // The next piece of the file; nothing after the last one.
  absl::StatusOr<std::optional<std::string>> Next();

 private:
  CampaignExport(postgres::Pool& pool, std::string_view business_id,
                 const campaigns::v1::ExportCampaignRequest& request, campaigns::v1::CampaignState state);

  // A page of rows; empty when none was left.
  absl::StatusOr<std::string> Contacts(postgres::Transaction& tx);
  absl::StatusOr<std::string> Attempts(postgres::Transaction& tx);

  postgres::Pool* pool_;
  std::string business_id_;
  campaigns::v1::ExportCampaignRequest request_;
  campaigns::v1::CampaignState state_;
  FileWriter writer_;
  bool header_written_ = false;
  bool done_ = false;
  int64_t position_ = 0;  // of the contact that was written last
  int64_t number_ = 0;    // and of its attempt
};

}  // namespace trunkline::scheduler
