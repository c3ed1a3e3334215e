#include "libs/providers/sip/ami/message.h"

#include "libs/base/text.h"

namespace trunkline::providers::sip::ami {
namespace {

std::string_view WithoutTrailingSpace(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

Message Message::Parse(std::string_view text) {
  Message message;
  while (text.ends_with(kLineEnd)) text.remove_suffix(kLineEnd.size());
  message.text_ = Concat(text, kLineEnd, kLineEnd);
  while (!text.empty()) {
    const size_t end = text.find(kLineEnd);
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + kLineEnd.size());
    const size_t colon = line.find(": ");
    if (colon != std::string_view::npos && colon > 0) {
      message.fields_.emplace_back(line.substr(0, colon), WithoutTrailingSpace(line.substr(colon + 2)));
    } else if (line.size() > 1 && line.back() == ':') {
      message.fields_.emplace_back(line.substr(0, line.size() - 1), "");
    }
  }
  return message;
}

bool Message::IsEvent() const { return !fields_.empty() && EqualsIgnoreCase(fields_.front().first, "Event"); }
bool Message::IsResponse() const { return !fields_.empty() && EqualsIgnoreCase(fields_.front().first, "Response"); }

std::string_view Message::Event() const {
  return IsEvent() ? std::string_view(fields_.front().second) : std::string_view();
}

bool Message::Succeeded() const {
  return IsResponse() && (fields_.front().second == "Success" || fields_.front().second == "Goodbye");
}

std::string_view Message::Get(std::string_view key) const {
  for (const auto& [name, value] : fields_) {
    if (EqualsIgnoreCase(name, key)) return value;
  }
  return {};
}

std::string_view Message::Known(std::string_view key) const {
  const std::string_view value = Get(key);
  return value == "<unknown>" ? std::string_view() : value;
}

std::vector<std::string_view> Message::All(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : fields_) {
    if (EqualsIgnoreCase(name, key)) values.emplace_back(value);
  }
  return values;
}

}  // namespace trunkline::providers::sip::ami
