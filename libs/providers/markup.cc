#include "libs/providers/markup.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/text.h"
#include "libs/providers/markup_text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers {

MarkupElement& MarkupElement::Set(const char* name, std::string_view value) {
  node_.append_attribute(name).set_value(ToXmlText(value).c_str());
  return *this;
}

MarkupElement& MarkupElement::Set(const char* name, int64_t value) { return Set(name, Concat(value)); }

MarkupElement& MarkupElement::Text(std::string_view text) {
  node_.text().set(ToXmlText(text).c_str());
  return *this;
}

Markup::Markup() {
  pugi::xml_node declaration = document_.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  document_.append_child("Response");
}

std::string Markup::Render() const {
  std::ostringstream out;
  document_.save(out, "", pugi::format_raw, pugi::encoding_utf8);
  return std::move(out).str();
}

int64_t WholeSeconds(const google::protobuf::Duration& duration, int64_t shortest, int64_t longest) {
  const absl::Duration length = absl::Ceil(telephony::FromProto(duration), absl::Seconds(1));
  return std::clamp(absl::ToInt64Seconds(length), shortest, longest);
}

}  // namespace trunkline::providers
