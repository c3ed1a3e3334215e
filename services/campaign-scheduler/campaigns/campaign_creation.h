// A new campaign: a draft, its counters, and the event that tells of it. The same request_id gives the same campaign.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

struct NewCampaign {
  std::string request_id;
  std::string request_sha256;  // of what the request_id stands for
  std::string name;
  campaigns::v1::CampaignSettings settings;
};

inline constexpr size_t kLongestCampaignName = 200;

// The campaign as it is now, also when an earlier request with the same id made it. ALREADY_EXISTS REQUEST_ID_REUSED
// when that one asked for something else.
absl::StatusOr<campaigns::v1::Campaign> CreateDraft(postgres::Transaction& tx, const rpc::Caller& caller,
                                                    absl::Time now, const NewCampaign& wanted);

// A digest of messages that does not depend on the order of maps.
std::string DigestOf(const google::protobuf::Message& message);

}  // namespace trunkline::scheduler
