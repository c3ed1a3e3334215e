#include "libs/telephony/number_kind.h"

#include <phonenumbers/phonenumberutil.h>
#include <phonenumbers/shortnumberinfo.h>

#include <algorithm>
#include <list>
#include <optional>
#include <string>

namespace trunkline::telephony {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using i18n::phonenumbers::ShortNumberInfo;

std::optional<PhoneNumber> Parsed(std::string_view e164) {
  PhoneNumber number;
  const auto parsed = PhoneNumberUtil::GetInstance()->Parse(std::string(e164), "ZZ", &number);
  return parsed == PhoneNumberUtil::NO_PARSING_ERROR ? std::optional(number) : std::nullopt;
}

// No country has longer ones, and a country code may be shared by two dozen countries.
constexpr size_t kLongestEmergencyNumber = 8;

// In any of the countries that share the country code.
bool IsEmergencyNumber(const PhoneNumber& number) {
  const PhoneNumberUtil* util = PhoneNumberUtil::GetInstance();
  std::string national;
  util->GetNationalSignificantNumber(number, &national);
  if (national.size() > kLongestEmergencyNumber) return false;
  std::list<std::string> regions;
  util->GetRegionCodesForCountryCallingCode(number.country_code(), &regions);
  // Making one reads the short numbers of every country, which takes longer than placing a call.
  static const ShortNumberInfo numbers;
  return std::any_of(regions.begin(), regions.end(),
                     [&](const std::string& region) { return numbers.IsEmergencyNumber(national, region); });
}

}  // namespace

NumberKind KindOf(std::string_view e164) {
  const std::optional<PhoneNumber> number = Parsed(e164);
  if (!number.has_value()) return NumberKind::kOrdinary;
  switch (PhoneNumberUtil::GetInstance()->GetNumberType(*number)) {
    case PhoneNumberUtil::PREMIUM_RATE:
      return NumberKind::kPremiumRate;
    case PhoneNumberUtil::SHARED_COST:
      return NumberKind::kSharedCost;
    default:
      return IsEmergencyNumber(*number) ? NumberKind::kEmergency : NumberKind::kOrdinary;
  }
}

int CountryCodeDigits(std::string_view e164) {
  const std::optional<PhoneNumber> number = Parsed(e164);
  return number.has_value() ? static_cast<int>(std::to_string(number->country_code()).size()) : 0;
}

}  // namespace trunkline::telephony
