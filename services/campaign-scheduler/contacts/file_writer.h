// Writes rows of named values as CSV (RFC 4180, with a header) or as one JSON object a line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trunkline/campaigns/v1/campaign_service.pb.h"

namespace trunkline::scheduler {

// A field as CSV. One that a spreadsheet would take for a formula begins with '
// (https://owasp.org/www-community/attacks/ CSV_Injection): what begins with = + - @, a tab or a carriage return; but a
// number stays what it is, E.164 too.
std::string CsvField(std::string_view value);

class FileWriter {
 public:
  FileWriter(campaigns::v1::FileFormat format, std::vector<std::string> columns);

  // The header; empty for JSON lines.
  std::string Header() const;
  // A row, with as many values as there are columns. Null is an empty field, and left out of JSON; texts are UTF-8.
  void Write(std::vector<nlohmann::json> values, std::string* out) const;

 private:
  const bool is_csv_;
  const std::vector<std::string> columns_;
};

}  // namespace trunkline::scheduler
