// A document of instructions, as providers ask for it: <Response> with a verb after the other. What the verbs are is
// the provider's.
#pragma once

#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline::twin {

class Instructions {
 public:
  // `url` is where the document came from; empty for inline instructions. INVALID_ARGUMENT when it is no XML with the
  // root <Response>.
  static absl::StatusOr<Instructions> Parse(std::string_view text, std::string_view url);

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
// The next sibling that is an element.
pugi::xml_node NextElement(pugi::xml_node node);
// `node` or the first sibling after it that is an element.
pugi::xml_node ElementFrom(pugi::xml_node node);

// The URL that a reference in a document at `base` means.
std::string ResolveUrl(std::string_view base, std::string_view reference);
// What the script presses for a verb that asks for "numDigits" keys: as many.
std::string ScriptedKeys(pugi::xml_node gather);

// How long it takes to say a text once, to play a sound, to press keys.
absl::Duration SpeakingTime(std::string_view text);
inline constexpr absl::Duration kLengthOfSound = absl::Seconds(5);
absl::Duration PressingTime(std::string_view keys);
// How long a verb with the attribute "loop" takes that takes `once`; infinite for loop="0".
absl::Duration Looped(pugi::xml_node verb, absl::Duration once);

}  // namespace trunkline::twin
