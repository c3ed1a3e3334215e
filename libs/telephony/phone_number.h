// Phone numbers in E.164 (https://www.itu.int/rec/T-REC-E.164): '+' and the digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trunkline::telephony {

// The number in E.164: of an international form, or of a national one when `default_region` ("US", "IN") is given.
// Nothing when it cannot be a number. New area codes appear faster than metadata, so a number counts when its length is
// possible in its country, whether or not its range is known.
std::optional<std::string> ToE164(std::string_view text, std::string_view default_region = {});

// True for '+', a digit from 1 to 9 and up to 14 more digits; says nothing of whether the number exists.
bool IsE164(std::string_view text);
// What is told of a field that has to be one and is not.
inline constexpr std::string_view kMustBeE164 = "must be a number in E.164: '+', country code, number";

// True for a region of phone numbers as ToE164 takes it: "US", "IN".
bool IsRegion(std::string_view region);

// A party of a call as providers write it: E.164 where it is a number, a SIP URI or client name as it stands, and
// nothing where the caller is withheld ("anonymous", "Restricted", "+266696687", empty ...).
std::optional<std::string> ToParty(std::string_view text, std::string_view default_region = {});

}  // namespace trunkline::telephony
