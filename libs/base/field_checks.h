// The fields of a request, checked one after the other; what is wrong is told all at once.
//
//   FieldChecks checks;
//   checks.Require(IsUuid(request.call_id()), "call_id", "must be a UUID");
//   TL_RETURN_IF_ERROR(checks.Finish());
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/status.h"

namespace trunkline {

class FieldChecks {
 public:
  // Notes the field as wrong unless `holds`. Returns `holds`.
  bool Require(bool holds, std::string_view field, std::string_view description);
  // Text that can be stored, of at most so many characters.
  bool RequireText(std::string_view text, size_t longest, std::string_view field);
  bool RequireUuid(std::string_view text, std::string_view field);

  const std::vector<FieldViolation>& violations() const { return violations_; }
  // OK, or INVALID_ARGUMENT that names every wrong field.
  absl::Status Finish() const;

 private:
  std::vector<FieldViolation> violations_;
};

// How many entries of a list are on a page: `wanted`, or `usual` when it is 0; a violation of "page_size" when it is
// not from 0 to `largest`.
int PageSize(int wanted, FieldChecks& checks, int usual = 50, int largest = 500);

}  // namespace trunkline
