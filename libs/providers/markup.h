// The XML in which a provider takes instructions: a document <Response> of elements, each a verb of the provider's.
//
//   Markup markup;
//   markup.root().Add("Say").SetIfGiven("language", "en-GB").Text("Good morning.");
//   markup.Render();
#pragma once

#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "google/protobuf/duration.pb.h"

namespace trunkline::providers {

// A place in a document, which outlives it. Texts lose what XML cannot carry (ToXmlText).
class MarkupElement {
 public:
  explicit MarkupElement(pugi::xml_node node) : node_(node) {}

  MarkupElement Add(const char* name) { return MarkupElement(node_.append_child(name)); }
  MarkupElement& Set(const char* name, std::string_view value);
  MarkupElement& Set(const char* name, int64_t value);
  MarkupElement& SetFlag(const char* name, bool value) { return Set(name, value ? "true" : "false"); }
  // Left out when empty.
  MarkupElement& SetIfGiven(const char* name, std::string_view value) {
    return value.empty() ? *this : Set(name, value);
  }
  // A URL that is asked with POST.
  MarkupElement& SetUrl(const char* name, const char* method_name, std::string_view url) {
    return Set(name, url).Set(method_name, "POST");
  }
  // To providers 0 means for ever, to a plan it means once.
  MarkupElement& SetLoop(int loop) { return loop > 1 ? Set("loop", int64_t{loop}) : *this; }
  MarkupElement& Text(std::string_view text);

 private:
  pugi::xml_node node_;
};

class Markup {
 public:
  Markup();

  MarkupElement root() { return MarkupElement(document_.document_element()); }
  std::string Render() const;

 private:
  pugi::xml_document document_;
};

// Whole seconds, rounded up, within limits.
int64_t WholeSeconds(const google::protobuf::Duration& duration, int64_t shortest, int64_t longest);

}  // namespace trunkline::providers
