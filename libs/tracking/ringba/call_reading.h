// What Ringba tells of a call, by its call log and by its pixels. Pure.
#pragma once

#include <array>
#include <string_view>

#include "libs/tracking/call_mapper.h"

namespace trunkline::tracking::ringba {

// Columns that are asked for: those that ReadCall() reads.
inline constexpr std::array<std::string_view, 41> kColumns = {"inboundCallId",
                                                              "callDt",
                                                              "callConnectionDt",
                                                              "callCompletedDt",
                                                              "inboundPhoneNumber",
                                                              "number",
                                                              "numberId",
                                                              "campaignId",
                                                              "campaignName",
                                                              "publisherId",
                                                              "publisherName",
                                                              "publisherSubId",
                                                              "targetId",
                                                              "targetName",
                                                              "targetNumber",
                                                              "buyer",
                                                              "buyerId",
                                                              "callLengthInSeconds",
                                                              "connectedCallLengthInSeconds",
                                                              "timeToConnectInSeconds",
                                                              "endCallSource",
                                                              "noPayoutReason",
                                                              "noConversionReason",
                                                              "blockReason",
                                                              "incompleteCallReason",
                                                              "hasConnected",
                                                              "hasPayout",
                                                              "hasConverted",
                                                              "hasRecording",
                                                              "hasVoiceMail",
                                                              "isLive",
                                                              "isIncomplete",
                                                              "isDuplicate",
                                                              "wasBlocked",
                                                              "wasConversionAdjusted",
                                                              "wasPayoutAdjusted",
                                                              "conversionAmount",
                                                              "payoutAmount",
                                                              "totalCost",
                                                              "telcoCost",
                                                              "recordingUrl"};

// A record of the call log or of the call details. A column without a value is left out of a record: it is not there.
absl::StatusOr<TrackedCall> ReadCall(const nlohmann::json& record, Extent extent);
TrackedCall ReadParameters(const nlohmann::json& parameters, std::string_view external_id, NotifiedEvent event);

// "Fire pixel on", in lower case.
std::vector<EventWord> EventWords();
PlatformReading Reading();

}  // namespace trunkline::tracking::ringba
