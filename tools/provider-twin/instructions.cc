#include "tools/provider-twin/instructions.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::twin {
namespace {

// People speak about two and a half words a second.
constexpr double kWordsPerSecond = 2.5;
constexpr absl::Duration kLengthOfKey = absl::Milliseconds(500);

}  // namespace

absl::StatusOr<Instructions> Instructions::Parse(std::string_view text, std::string_view url) {
  Instructions instructions;
  instructions.document_ = std::make_shared<pugi::xml_document>();
  instructions.url_ = url;
  const pugi::xml_parse_result result = instructions.document_->load_buffer(text.data(), text.size());
  if (!result) return absl::InvalidArgumentError(Concat("the document is not XML: ", result.description()));
  const pugi::xml_node root = instructions.document_->document_element();
  if (std::string_view(root.name()) != "Response" || NextElement(root)) {
    return absl::InvalidArgumentError("the document's root is not <Response>");
  }
  return instructions;
}

pugi::xml_node Instructions::first_verb() const { return ElementFrom(document_->document_element().first_child()); }

std::string Attribute(pugi::xml_node node, const char* name, std::string_view fallback) {
  const pugi::xml_attribute attribute = node.attribute(name);
  return attribute ? std::string(attribute.value()) : std::string(fallback);
}

absl::Duration SecondsAttribute(pugi::xml_node node, const char* name, absl::Duration fallback) {
  const auto seconds = ParseInt(node.attribute(name).value());
  return seconds && *seconds >= 0 ? absl::Seconds(*seconds) : fallback;
}

std::string TextOf(pugi::xml_node node) { return std::string(Trim(node.text().get())); }

pugi::xml_node ElementFrom(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

pugi::xml_node NextElement(pugi::xml_node node) { return ElementFrom(node.next_sibling()); }

std::string ResolveUrl(std::string_view base, std::string_view reference) {
  if (reference.empty()) return std::string(base);
  if (reference.starts_with("http://") || reference.starts_with("https://")) return std::string(reference);
  const std::string_view page = base.substr(0, base.find_first_of("?#"));
  if (reference.starts_with('?')) return Concat(page, reference);
  const size_t authority = page.find("://");
  const size_t root = page.find('/', authority == std::string_view::npos ? 0 : authority + 3);
  if (reference.starts_with('/')) return Concat(page.substr(0, root), reference);
  if (root == std::string_view::npos) return Concat(page, "/", reference);
  return Concat(page.substr(0, page.rfind('/') + 1), reference);
}

std::string ScriptedKeys(pugi::xml_node gather) {
  const auto wanted = ParseInt(Attribute(gather, "numDigits", "1")).value_or(1);
  std::string keys;
  for (int64_t i = 1; i <= std::clamp<int64_t>(wanted, 1, 32); ++i) keys.push_back(static_cast<char>('0' + i % 10));
  return keys;
}

absl::Duration SpeakingTime(std::string_view text) {
  const auto words = 1 + std::count(text.begin(), text.end(), ' ');
  return std::max(absl::Seconds(1), absl::Seconds(static_cast<double>(words) / kWordsPerSecond));
}

absl::Duration PressingTime(std::string_view keys) { return static_cast<double>(keys.size()) * kLengthOfKey; }

absl::Duration Looped(pugi::xml_node verb, absl::Duration once) {
  const int64_t loops = ParseInt(Attribute(verb, "loop", "1")).value_or(1);
  return loops == 0 ? absl::InfiniteDuration() : static_cast<double>(loops) * once;
}

}  // namespace trunkline::twin
