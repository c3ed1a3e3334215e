// What a row of an import says: a contact, or what is wrong with it.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/campaign-scheduler/contacts/record_reader.h"

namespace trunkline::scheduler {

// A contact as a row tells it; everything is checked.
struct ContactRow {
  int64_t line = 0;
  std::string number;  // E.164
  std::string external_id;
  std::string time_zone;
  int priority = 0;
  std::string variables;  // serialized: trunkline.campaigns.v1.Contact with variables alone
};

struct RowProblem {
  int64_t line = 0;
  std::string column;   // empty where it is not one column's
  std::string message;  // what is wrong, and what would be right; without the number
};

// Reads the rows of one file. Not thread-safe.
class ContactRowReader {
 public:
  // Of a CSV file: its header. INVALID_ARGUMENT when no column has the number, when two have one name, or when the
  // header is none. `default_region` is for numbers in national form; may be empty.
  static absl::StatusOr<ContactRowReader> ForCsv(const std::vector<std::string>& header, std::string default_region);
  static ContactRowReader ForJsonLines(std::string default_region);

  // Fills in the row; false, with everything that is wrong, when it is no contact. The record has no problem of its
  // own.
  bool Read(const Record& record, ContactRow* row, std::vector<RowProblem>* problems);

 private:
  ContactRowReader(std::vector<std::string> columns, std::string default_region)
      : columns_(std::move(columns)), default_region_(std::move(default_region)) {}

  // A value with the name of its column, checked and filled in.
  class Filler;
  static void SetFromJson(const std::string& name, const nlohmann::json& value, Filler& filler,
                          const std::function<void(std::string_view text)>& set);
  // "" when there is such a time zone.
  std::string TimeZoneProblemOf(const std::string& name);

  std::vector<std::string> columns_;  // of CSV, known ones by their usual names
  std::string default_region_;
  std::map<std::string, std::string, std::less<>> time_zones_;  // asked for before, with their problems
};

}  // namespace trunkline::scheduler
