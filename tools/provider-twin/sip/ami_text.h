// The manager interface's messages as the twin writes and reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::twin::sip {

class AmiText {
 public:
  AmiText() = default;
  AmiText(std::string_view key, std::string_view value) { Add(key, value); }

  AmiText& Add(std::string_view key, std::string_view value) {
    fields_.emplace_back(key, value);
    return *this;
  }
  // The first value of a key, whatever its case; empty when there is none.
  std::string_view Get(std::string_view key) const;
  // Lines and the empty line.
  std::string Render() const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Takes the first whole action from the front of what was received; lines may end in LF alone, as the server lets them.
std::optional<AmiText> TakeAction(std::string* received);

}  // namespace trunkline::twin::sip
