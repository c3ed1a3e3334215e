#include "libs/telephony/phone_number.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>

#include "libs/base/text.h"

namespace trunkline::telephony {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr size_t kMostDigits = 15;

// What carriers and providers put where a caller does not want to be known. +266696687 spells ANONYMOUS on a keypad.
constexpr std::array<std::string_view, 9> kWithheld = {"anonymous",   "restricted", "unknown",
                                                       "unavailable", "private",    "blocked",
                                                       "withheld",    "+266696687", "+86282452253"};

// Forms of E.164 that most numbers come in: the library gives them back as they are, in fifteen microseconds.
struct PlainForm {
  std::string_view country_code;
  std::string_view first_digits;  // of the national number, any of these
  size_t digits;                  // of the national number
};
constexpr std::array<PlainForm, 3> kPlainForms = {{{"+1", "23456789", 10}, {"+44", "7", 10}, {"+91", "6789", 10}}};

bool IsPlain(std::string_view text) {
  return IsE164(text) && std::any_of(kPlainForms.begin(), kPlainForms.end(), [text](const PlainForm& form) {
           return text.size() == form.country_code.size() + form.digits && text.starts_with(form.country_code) &&
                  form.first_digits.find(text[form.country_code.size()]) != std::string_view::npos;
         });
}

}  // namespace

bool IsE164(std::string_view text) {
  return text.size() >= 2 && text.size() <= kMostDigits + 1 && text[0] == '+' && text[1] >= '1' && text[1] <= '9' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> ToE164(std::string_view text, std::string_view default_region) {
  if (IsPlain(text)) return std::string(text);
  const PhoneNumberUtil* util = PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const std::string region = default_region.empty() ? "ZZ" : std::string(default_region);
  if (util->Parse(std::string(text), region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return std::nullopt;
  if (!util->IsPossibleNumber(number)) return std::nullopt;
  std::string formatted;
  util->Format(number, PhoneNumberUtil::E164, &formatted);
  return IsE164(formatted) ? std::optional(formatted) : std::nullopt;
}

bool IsRegion(std::string_view region) {
  return region.size() == 2 && PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(std::string(region)) != 0;
}

std::optional<std::string> ToParty(std::string_view text, std::string_view default_region) {
  text = Trim(text);
  const bool withheld = std::any_of(kWithheld.begin(), kWithheld.end(),
                                    [&](std::string_view name) { return EqualsIgnoreCase(name, text); });
  if (text.empty() || withheld) return std::nullopt;
  // Most numbers come in E.164 already; parsing them would cost more than everything else that is done with an event.
  if (IsE164(text)) return std::string(text);
  if (text.find(':') != std::string_view::npos) return ToStorableText(text);
  if (std::optional<std::string> number = ToE164(text, default_region); number.has_value()) return number;
  return ToStorableText(text);
}

}  // namespace trunkline::telephony
