// What trunkctl prints of campaigns for people.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/timestamp.pb.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"
#include "trunkline/campaigns/v1/contact_service.pb.h"
#include "trunkline/control/v1/call_gate.pb.h"

namespace trunkline::trunkctl {

// "running" of CAMPAIGN_STATE_RUNNING: the name of an enum's value without the enum's.
std::string WithoutPrefix(std::string_view value, std::string_view prefix);
// "2026-11-30 10:00:00" in UTC.
std::string TimeText(const google::protobuf::Timestamp& time);
// "12.50 %" of hundredths of a percent.
std::string RateText(int64_t hundredths);

// One line: id, state, name, contacts.
std::string Summary(const campaigns::v1::Campaign& campaign);
std::string Summary(const campaigns::v1::ContactImport& import);
// Several lines.
std::string Report(const campaigns::v1::CampaignProgress& progress);
std::string Report(const campaigns::v1::CampaignStatistics& statistics);
// "shut  concurrency (business): 10 of 10, next at ...".
std::string GateLine(const control::v1::CallGate& gate);

}  // namespace trunkline::trunkctl
