// Parties of a call as Plivo writes them: numbers with their country code but without '+', SIP addresses as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trunkline::providers::plivo {

// E.164 where it is a number; nothing where the caller is withheld. `region` is for numbers that are written
// nationally.
std::optional<std::string> PartyOf(std::string_view text, std::string_view region = {});

// A number as Plivo writes it: "15550100002" for "+15550100002". Anything else as it is.
std::string ToPlivoNumber(std::string_view party);

}  // namespace trunkline::providers::plivo
