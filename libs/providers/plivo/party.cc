#include "libs/providers/plivo/party.h"

#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::plivo {
namespace {

// Shorter ones are short codes and extensions, which stand for themselves.
constexpr size_t kFewestDigits = 8;

}  // namespace

std::optional<std::string> PartyOf(std::string_view text, std::string_view region) {
  text = Trim(text);
  if (text.size() >= kFewestDigits) {
    std::string number = Concat("+", text);
    if (telephony::IsE164(number)) return number;
  }
  return telephony::ToParty(text, region);
}

std::string ToPlivoNumber(std::string_view party) {
  return std::string(telephony::IsE164(party) ? party.substr(1) : party);
}

}  // namespace trunkline::providers::plivo
