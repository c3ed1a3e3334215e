#include "libs/providers/exotel/contacts_csv.h"

#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::exotel {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kFormulaStarts = "=+-@\t\r";

std::string Quoted(std::string_view text) {
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field.push_back('"');
    field.push_back(c);
  }
  field.push_back('"');
  return field;
}

std::string Part(std::string_view boundary, std::string_view disposition, std::string_view value) {
  return Concat("--", boundary, kLineEnd, "Content-Disposition: form-data; ", disposition, kLineEnd, kLineEnd, value,
                kLineEnd);
}

}  // namespace

absl::StatusOr<std::string> ContactsCsv(const std::vector<std::string>& numbers) {
  std::string csv = Concat(CsvField("number"), kLineEnd);
  size_t row = 0;
  for (const std::string& number : numbers) {
    ++row;
    if (!telephony::IsE164(number)) {
      return absl::InvalidArgumentError(ToAbsl(Concat("the number in place ", row, " is not E.164")));
    }
    csv += Concat(Quoted(number), kLineEnd);
  }
  return csv;
}

std::string CsvField(std::string_view text) {
  const bool formula = !text.empty() && kFormulaStarts.find(text.front()) != std::string_view::npos;
  return Quoted(formula ? Concat("'", text) : std::string(text));
}

MultipartFile UploadOf(std::string_view list_name, std::string_view csv, std::string_view boundary) {
  MultipartFile file;
  file.content_type = Concat("multipart/form-data; boundary=", boundary);
  file.body =
      Concat(Part(boundary, R"(name="list_name")", list_name), Part(boundary, R"(name="type")", "static"), "--",
             boundary, kLineEnd, R"(Content-Disposition: form-data; name="file_name"; filename="contacts.csv")",
             kLineEnd, "Content-Type: text/csv", kLineEnd, kLineEnd, csv, kLineEnd, "--", boundary, "--", kLineEnd);
  return file;
}

}  // namespace trunkline::providers::exotel
