#include "tools/provider-twin/sip/ami_text.h"

#include "libs/base/text.h"

namespace trunkline::twin::sip {

std::string_view AmiText::Get(std::string_view key) const {
  for (const auto& [name, value] : fields_) {
    if (EqualsIgnoreCase(name, key)) return value;
  }
  return {};
}

std::string AmiText::Render() const {
  std::string text;
  for (const auto& [key, value] : fields_) text += Concat(key, ": ", value, "\r\n");
  return text + "\r\n";
}

std::optional<AmiText> TakeAction(std::string* received) {
  AmiText action;
  size_t begin = 0;
  while (true) {
    const size_t end = received->find('\n', begin);
    if (end == std::string::npos) return std::nullopt;
    const std::string_view line = Trim(std::string_view(*received).substr(begin, end - begin));
    begin = end + 1;
    if (line.empty()) {
      if (action.fields().empty()) continue;
      received->erase(0, begin);
      return action;
    }
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) action.Add(Trim(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  }
}

}  // namespace trunkline::twin::sip
