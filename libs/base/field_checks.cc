#include "libs/base/field_checks.h"

#include <algorithm>

#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline {

bool FieldChecks::Require(bool holds, std::string_view field, std::string_view description) {
  if (!holds) violations_.push_back({.field = std::string(field), .description = std::string(description)});
  return holds;
}

bool FieldChecks::RequireText(std::string_view text, size_t longest, std::string_view field) {
  return Require(IsStorableText(text), field, "must be UTF-8 without NUL") &&
         Require(CharactersIn(text) <= longest, field, Concat("must have at most ", longest, " characters"));
}

bool FieldChecks::RequireUuid(std::string_view text, std::string_view field) {
  return Require(IsUuid(text), field, "must be a UUID in lower case, for example 0190b2c3-0000-7000-8000-000000000001");
}

absl::Status FieldChecks::Finish() const { return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_); }

int PageSize(int wanted, FieldChecks& checks, int usual, int largest) {
  checks.Require(wanted >= 0 && wanted <= largest, "page_size", Concat("must be from 0 to ", largest));
  return wanted == 0 ? usual : wanted;
}

}  // namespace trunkline
