// The requests of v2 that a campaign is made with: upload a list, wait until it is processed, find it, start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/providers/exotel/rest_api.h"

namespace trunkline::providers::exotel {

// What the campaign is to do.
struct CampaignPlan {
  std::string name;
  std::string caller_id;
  std::string flow_url;
  std::string call_status_callback;
  std::string custom_field;
  std::string list_sid;              // either a list
  std::vector<std::string> numbers;  // or numbers
};

// {"campaigns":[{...}]}
std::string CampaignBody(const CampaignPlan& plan);

// Where the state of an upload is asked: of the answer to the upload, on the account's own host. Empty when the answer
// names none.
std::string UploadStatusUrl(const Account& account, const RestAnswer& uploaded);

enum class UploadState { kInProgress, kCompleted, kUnknown };
// `failed` counts the numbers that were not taken.
struct Upload {
  UploadState state = UploadState::kUnknown;
  int64_t failed = 0;
};
Upload ReadUpload(const RestAnswer& answer);

// The id of a list by its name, of an answer that lists lists; empty when it has none.
std::string ListSidOf(const RestAnswer& answer, std::string_view name);

}  // namespace trunkline::providers::exotel
