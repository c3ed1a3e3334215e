// Reads the members of a call object into what it tells.
//
//   ObjectReader reader(object, Extent::kRecord);
//   call.caller = reader.Phone({"caller", "caller_number"});    // the first of the names that has a value
//   call.remarks = reader.TakeRemarks();
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/tracking/exact_json.h"
#include "libs/tracking/tracked_call.h"

namespace trunkline::tracking {

// How much an object tells.
enum class Extent {
  kRecord,        // the whole record, as the API gave it: what it does not name is not there
  kNotification,  // some of it, as a webhook told it: what it does not name is not told
};

class ObjectReader {
 public:
  using Names = std::initializer_list<std::string_view>;

  // The object outlives the reader.
  ObjectReader(const nlohmann::json& object, Extent extent) : object_(object), extent_(extent) {}

  Told<std::string> Text(Names names) const;
  Told<std::string> Phone(Names names);
  // The caller and, where it is no number, what stands there.
  void Caller(Names names, TrackedCall* call);
  Told<absl::Time> Time(Names names);
  Told<int64_t> Seconds(Names names) const;
  Told<int64_t> Amount(Names names);
  Told<bool> Flag(Names names);

  // The first member with a value that is no placeholder; null when there is none.
  const nlohmann::json* FindValue(Names names) const;
  // Whether the object, in its extent, says anything of these members.
  bool Tells(Names names) const;

  void Remark(Remark::Kind kind, std::string_view raw);
  std::vector<tracking::Remark> TakeRemarks() { return std::move(remarks_); }

 private:
  // The text as it stands, white space included.
  std::string RawText(Names names) const;

  const nlohmann::json& object_;
  Extent extent_;
  std::vector<tracking::Remark> remarks_;
};

// Adds a tag unless there are 200 already; both are cut at 1,000 characters.
void AddTag(std::string_view name, const nlohmann::json& value, Tags* tags, std::vector<Remark>* remarks);
// All plain members of an object.
void AddTags(const nlohmann::json& object, Tags* tags, std::vector<Remark>* remarks);

}  // namespace trunkline::tracking
