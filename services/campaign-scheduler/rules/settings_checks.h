// What the settings of a campaign must be before they are stored. What is wrong is told all at once, with the path of
// each field, what it must be and, for names that are close to one that exists, which one was probably meant.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/base/field_checks.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

// Notes what is wrong; `field` is the path of the settings in the request ("settings").
void CheckSettings(const v1::CampaignSettings& settings, std::string_view field, FieldChecks& checks);
// What else a campaign needs before it may start, beyond settings that are right: something to say.
void CheckReadiness(const v1::CampaignSettings& settings, std::string_view field, FieldChecks& checks);

// "" when the name is a time zone that this machine knows; else what is wrong with it, and the nearest one.
std::string TimeZoneProblem(std::string_view name);
// "" when it is a region of phone numbers ("US"); else what is wrong with it.
std::string RegionProblem(std::string_view region);

}  // namespace trunkline::scheduler
