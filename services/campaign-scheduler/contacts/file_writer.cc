#include "services/campaign-scheduler/contacts/file_writer.h"

#include <algorithm>

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::scheduler {
namespace {

constexpr std::string_view kFormulaStarts = "=+-@\t\r";

// A sign and digits, with a point among them: nothing that a spreadsheet computes.
bool IsNumber(std::string_view value) {
  if (value.starts_with('+') || value.starts_with('-')) value.remove_prefix(1);
  return !value.empty() && std::count(value.begin(), value.end(), '.') <= 1 &&
         std::all_of(value.begin(), value.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

std::string CsvField(std::string_view value) {
  std::string field;
  if (!value.empty() && kFormulaStarts.find(value.front()) != std::string_view::npos && !IsNumber(value)) {
    field.push_back('\'');
  }
  field.append(value);
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

FileWriter::FileWriter(campaigns::v1::FileFormat format, std::vector<std::string> columns)
    : is_csv_(format != campaigns::v1::FILE_FORMAT_JSON_LINES), columns_(std::move(columns)) {}

std::string FileWriter::Header() const {
  if (!is_csv_) return {};
  std::string line;
  for (const std::string& column : columns_) line += Concat(line.empty() ? "" : ",", CsvField(column));
  return line + "\r\n";
}

void FileWriter::Write(std::vector<nlohmann::json> values, std::string* out) const {
  if (is_csv_) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out->push_back(',');
      const nlohmann::json& value = values[i];
      if (value.is_null()) continue;
      out->append(CsvField(value.is_string() ? value.get_ref<const std::string&>() : WriteJson(value)));
    }
    out->append("\r\n");
    return;
  }
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_null()) object[columns_[i]] = values[i];
  }
  out->append(WriteJson(object));
  out->push_back('\n');
}

}  // namespace trunkline::scheduler
