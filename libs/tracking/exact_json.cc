#include "libs/tracking/exact_json.h"

#include <utility>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::tracking {
namespace {

using nlohmann::json;

// Builds the value; returning false ends the parsing.
class Builder final : public nlohmann::json_sax<json> {
 public:
  explicit Builder(JsonLimits limits) : limits_(limits) {}

  bool null() override { return Put(nullptr) != nullptr; }
  bool boolean(bool value) override { return Put(value) != nullptr; }
  bool number_integer(number_integer_t value) override { return Put(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return Put(value) != nullptr; }
  bool number_float(number_float_t, const string_t& literal) override { return Put(literal) != nullptr; }
  bool string(string_t& value) override { return Put(std::move(value)) != nullptr; }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(json::object()); }
  bool start_array(size_t) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

  json Take() { return std::move(root_); }

 private:
  json* Put(json value) {
    if (++members_ > limits_.members) return nullptr;
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    json& member = parent[key_];
    member = std::move(value);
    return &member;
  }

  bool Open(json empty) {
    if (open_.size() >= limits_.depth) return false;
    json* placed = Put(std::move(empty));
    if (placed == nullptr) return false;
    open_.push_back(placed);
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  JsonLimits limits_;
  size_t members_ = 0;
  json root_;
  std::vector<json*> open_;  // a parent grows only when its children are complete
  std::string key_;
};

}  // namespace

std::optional<json> ParseExactJson(std::string_view text, JsonLimits limits) {
  Builder builder(limits);
  const std::string mended = IsStorableText(text) ? std::string() : ToStorableText(text);
  const std::string_view bytes = mended.empty() ? text : std::string_view(mended);
  if (!json::sax_parse(bytes.begin(), bytes.end(), &builder)) return std::nullopt;
  return builder.Take();
}

const json* FindMember(const json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto member = object.find(std::string(name));
  return member == object.end() ? nullptr : &*member;
}

std::string TextOf(const json& value) {
  if (value.is_string()) return ToStorableText(value.get_ref<const std::string&>());
  if (value.is_number_integer()) return WriteJson(value);
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return {};
}

std::string MemberText(const json& object, std::string_view name) {
  const json* member = FindMember(object, name);
  return member == nullptr ? std::string() : TextOf(*member);
}

}  // namespace trunkline::tracking
