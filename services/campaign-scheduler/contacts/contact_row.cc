#include "services/campaign-scheduler/contacts/contact_row.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"
#include "services/campaign-scheduler/rules/settings_checks.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kNumber = "number";
constexpr std::string_view kExternalId = "external_id";
constexpr std::string_view kTimeZone = "time_zone";
constexpr std::string_view kPriority = "priority";
constexpr std::string_view kVariables = "variables";

constexpr int kLargestPriority = 100;
constexpr size_t kLongestExternalId = 128;
constexpr size_t kLongestName = 64;
constexpr size_t kMostVariables = 50;
constexpr size_t kLargestVariables = 4 * 1024;
constexpr size_t kMostColumns = 100;
constexpr size_t kMostTimeZones = 1'000;

// "number" for everything that a column with the number may be called; other names as they are.
std::string UsualName(std::string_view name) {
  name = Trim(name);
  for (const std::string_view known : {kNumber, kExternalId, kTimeZone, kPriority}) {
    if (EqualsIgnoreCase(name, known)) return std::string(known);
  }
  if (EqualsIgnoreCase(name, "phone") || EqualsIgnoreCase(name, "phone_number")) return std::string(kNumber);
  return std::string(name);
}

absl::Status WrongHeader(std::string_view description) {
  return InvalidFields({{.field = "data", .description = std::string(description)}});
}

}  // namespace

class ContactRowReader::Filler {
 public:
  Filler(ContactRowReader& reader, int64_t line, ContactRow* row, std::vector<RowProblem>* problems)
      : reader_(reader), row_(*row), problems_(*problems), problems_before_(problems->size()) {
    row_ = ContactRow{.line = line};
  }

  void Set(const std::string& column, std::string_view value) {
    value = Trim(value);
    if (value.empty()) return;
    if (column == kNumber) return SetNumber(value);
    if (column == kExternalId) {
      row_.external_id = value;
      return Require(CharactersIn(value) <= kLongestExternalId, column, "must have at most 128 characters");
    }
    if (column == kTimeZone) {
      row_.time_zone = value;
      const std::string problem = reader_.TimeZoneProblemOf(row_.time_zone);
      return Require(problem.empty(), column, problem);
    }
    if (column == kPriority) {
      const std::optional<int64_t> priority = ParseInt(value);
      const bool good = priority.has_value() && *priority >= -kLargestPriority && *priority <= kLargestPriority;
      row_.priority = good ? static_cast<int>(*priority) : 0;
      return Require(good, column, "must be a whole number from -100 to 100");
    }
    SetVariable(column, value);
  }

  void SetVariable(const std::string& name, std::string_view value) {
    Require(CharactersIn(name) <= kLongestName, name, "a variable's name must have at most 64 characters");
    variables_size_ += name.size() + value.size();
    (*variables_.mutable_variables())[name] = std::string(value);
  }

  void Complain(std::string_view column, std::string_view message) { Require(false, column, message); }

  bool Finish() {
    Require(!row_.number.empty() || number_is_wrong_, kNumber, "must not be empty");
    Require(variables_.variables().size() <= kMostVariables, kVariables, "must be at most 50");
    Require(variables_size_ <= kLargestVariables, kVariables, "must have at most 4 KiB, names and values together");
    row_.variables = variables_.SerializeAsString();
    return problems_.size() == problems_before_;
  }

 private:
  void SetNumber(std::string_view value) {
    std::optional<std::string> number = telephony::ToE164(value, reader_.default_region_);
    number_is_wrong_ = !number.has_value();
    row_.number = number.value_or("");
    Require(!number_is_wrong_, kNumber,
            reader_.default_region_.empty()
                ? "is no phone number; write '+', country code, number, or set a default region"
                : Concat("is no phone number, neither in international form nor in that of ", reader_.default_region_));
  }

  void Require(bool holds, std::string_view column, std::string_view message) {
    if (holds) return;
    problems_.push_back(
        {.line = row_.line, .column = ToStorableText(column.substr(0, kLongestName)), .message = std::string(message)});
  }

  ContactRowReader& reader_;
  ContactRow& row_;
  std::vector<RowProblem>& problems_;
  const size_t problems_before_;
  campaigns::v1::Contact variables_;
  size_t variables_size_ = 0;
  bool number_is_wrong_ = false;
};

void ContactRowReader::SetFromJson(const std::string& name, const nlohmann::json& value, Filler& filler,
                                   const std::function<void(std::string_view text)>& set) {
  if (value.is_null()) return;
  if (Trim(name).empty() || !IsStorableText(name)) {
    return filler.Complain("", "names must not be empty, and must be text without NUL");
  }
  if (value.is_structured()) return filler.Complain(name, "must be text, a number, true or false");
  const std::string text = value.is_string() ? value.get<std::string>() : WriteJson(value);
  IsStorableText(text) ? set(text) : filler.Complain(name, "must be text without NUL");
}

absl::StatusOr<ContactRowReader> ContactRowReader::ForCsv(const std::vector<std::string>& header,
                                                          std::string default_region) {
  std::vector<std::string> columns;
  std::set<std::string> seen;
  for (const std::string& name : header) {
    columns.push_back(UsualName(name));
    if (columns.back().empty()) return WrongHeader("the header has a column without a name");
    if (!seen.insert(columns.back()).second) {
      return WrongHeader(Concat("the header names the column '", columns.back(), "' twice"));
    }
  }
  if (columns.size() > kMostColumns) return WrongHeader("the header has more than 100 columns");
  if (!seen.contains(std::string(kNumber))) {
    return WrongHeader("the first line must be a header with a column 'number', separated by commas, in UTF-8");
  }
  return ContactRowReader(std::move(columns), std::move(default_region));
}

ContactRowReader ContactRowReader::ForJsonLines(std::string default_region) { return {{}, std::move(default_region)}; }

bool ContactRowReader::Read(const Record& record, ContactRow* row, std::vector<RowProblem>* problems) {
  Filler filler(*this, record.line, row, problems);
  if (!columns_.empty()) {
    if (record.fields.size() > columns_.size()) {
      filler.Complain("", Concat("the row has ", record.fields.size(), " fields, the header ", columns_.size()));
    }
    for (size_t i = 0; i < std::min(columns_.size(), record.fields.size()); ++i) {
      filler.Set(columns_[i], record.fields[i]);
    }
    return filler.Finish();
  }
  const Json json = ParseJson(record.fields[0]);
  if (!json.is_object()) {
    problems->push_back({.line = record.line, .column = "", .message = "the line must be one JSON object"});
    return false;
  }
  for (const auto& [name, value] : json.items()) {
    if (name != kVariables) {
      SetFromJson(name, value, filler,
                  [&filler, usual = UsualName(name)](std::string_view text) { filler.Set(usual, text); });
    } else if (!value.is_object()) {
      filler.Complain(name, "must be an object");
    } else {
      for (const auto& [variable, of_variable] : value.items()) {
        const std::string trimmed(Trim(variable));
        SetFromJson(variable, of_variable, filler,
                    [&filler, &trimmed](std::string_view text) { filler.SetVariable(trimmed, text); });
      }
    }
  }
  return filler.Finish();
}

std::string ContactRowReader::TimeZoneProblemOf(const std::string& name) {
  const auto known = time_zones_.find(name);
  if (known != time_zones_.end()) return known->second;
  std::string problem = TimeZoneProblem(name);
  if (time_zones_.size() < kMostTimeZones) time_zones_.emplace(name, problem);
  return problem;
}

}  // namespace trunkline::scheduler
