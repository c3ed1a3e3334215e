// A document of instructions.
#pragma once

#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline::twin::plivo {

class Xml {
 public:
  // `url` is where the document came from; empty for inline instructions. INVALID_ARGUMENT when it is no XML with the
  // root <Response>.
  static absl::StatusOr<Xml> Parse(std::string_view text, std::string_view url);

  pugi::xml_node first_verb() const;
  const std::string& url() const { return url_; }

 private:
  std::shared_ptr<pugi::xml_document> document_;
  std::string url_;
};

// An attribute, or `fallback` when it is not there.
std::string Attribute(pugi::xml_node node, const char* name, std::string_view fallback = "");
// An attribute in whole seconds.
absl::Duration SecondsAttribute(pugi::xml_node node, const char* name, absl::Duration fallback);
// The text inside an element, trimmed.
std::string TextOf(pugi::xml_node node);
// How long <Speak>, <Play>, <Wait> or <DTMF> takes; infinite for loop="0".
absl::Duration PlayingTime(pugi::xml_node verb);
// The next sibling that is an element.
pugi::xml_node NextElement(pugi::xml_node node);
// `node` or the first sibling after it that is an element.
pugi::xml_node ElementFrom(pugi::xml_node node);

}  // namespace trunkline::twin::plivo
