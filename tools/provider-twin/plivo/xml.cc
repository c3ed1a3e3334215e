#include "tools/provider-twin/plivo/xml.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::twin::plivo {
namespace {

// People speak about two and a half words a second.
constexpr double kWordsPerSecond = 2.5;
constexpr absl::Duration kLengthOfSound = absl::Seconds(5);
constexpr absl::Duration kLengthOfKey = absl::Milliseconds(500);

}  // namespace

absl::StatusOr<Xml> Xml::Parse(std::string_view text, std::string_view url) {
  Xml xml;
  xml.document_ = std::make_shared<pugi::xml_document>();
  xml.url_ = url;
  const pugi::xml_parse_result result = xml.document_->load_buffer(text.data(), text.size());
  if (!result) return absl::InvalidArgumentError(Concat("the document is not XML: ", result.description()));
  const pugi::xml_node root = xml.document_->document_element();
  if (std::string_view(root.name()) != "Response" || NextElement(root)) {
    return absl::InvalidArgumentError("the document's root is not <Response>");
  }
  return xml;
}

pugi::xml_node Xml::first_verb() const { return ElementFrom(document_->document_element().first_child()); }

std::string Attribute(pugi::xml_node node, const char* name, std::string_view fallback) {
  const pugi::xml_attribute attribute = node.attribute(name);
  return attribute ? std::string(attribute.value()) : std::string(fallback);
}

absl::Duration SecondsAttribute(pugi::xml_node node, const char* name, absl::Duration fallback) {
  const auto seconds = ParseInt(node.attribute(name).value());
  return seconds && *seconds >= 0 ? absl::Seconds(*seconds) : fallback;
}

std::string TextOf(pugi::xml_node node) { return std::string(Trim(node.text().get())); }

absl::Duration PlayingTime(pugi::xml_node verb) {
  const std::string_view name = verb.name();
  if (name == "Wait") return SecondsAttribute(verb, "length", absl::Seconds(1));
  const int64_t loops = ParseInt(Attribute(verb, "loop", "1")).value_or(1);
  if (loops == 0) return absl::InfiniteDuration();
  if (name == "Speak") {
    const std::string text = TextOf(verb);
    const auto words = 1 + std::count(text.begin(), text.end(), ' ');
    return static_cast<double>(loops) *
           std::max(absl::Seconds(1), absl::Seconds(static_cast<double>(words) / kWordsPerSecond));
  }
  if (name == "DTMF") return static_cast<double>(TextOf(verb).size()) * kLengthOfKey;
  return static_cast<double>(loops) * kLengthOfSound;
}

pugi::xml_node ElementFrom(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

pugi::xml_node NextElement(pugi::xml_node node) { return ElementFrom(node.next_sibling()); }

}  // namespace trunkline::twin::plivo
