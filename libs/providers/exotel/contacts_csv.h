// The file of numbers that a list is made from: a header and one number a line, everything quoted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace trunkline::providers::exotel {

// "number"\r\n"+919876543210"\r\n... INVALID_ARGUMENT names the place of the first number that is not E.164: one wrong
// number makes Exotel refuse all.
//
// The column must begin with '+', which a spreadsheet takes for a formula; since nothing but a sign and digits gets
// into the file, there is no formula that it could be.
absl::StatusOr<std::string> ContactsCsv(const std::vector<std::string>& numbers);

// Any text as a field that neither ends early nor is taken for a formula.
std::string CsvField(std::string_view text);

// A multipart form with one file. The boundary must not occur in the parts.
struct MultipartFile {
  std::string content_type;
  std::string body;
};
MultipartFile UploadOf(std::string_view list_name, std::string_view csv, std::string_view boundary);

}  // namespace trunkline::providers::exotel
