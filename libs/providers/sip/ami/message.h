// One message of the Asterisk Manager Interface: lines "Key: Value", in their order. Keys may repeat and are compared
// without regard to case. What a message is follows from its first key alone: an OriginateResponse event has a
// "Response" of its own, and many events carry an ActionID.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::providers::sip::ami {

inline constexpr std::string_view kLineEnd = "\r\n";

class Message {
 public:
  // Of the text of one message, lines ended by CRLF, with or without the empty line at its end. Lines without a colon
  // are left out.
  static Message Parse(std::string_view text);

  bool IsEvent() const;
  bool IsResponse() const;
  // The event's name; empty for anything else.
  std::string_view Event() const;
  // "Response: Success" or "Goodbye".
  bool Succeeded() const;

  // The first value of a key, without white space at its end; empty when there is none.
  std::string_view Get(std::string_view key) const;
  // The same, but empty for "<unknown>", which Asterisk writes for what it does not know.
  std::string_view Known(std::string_view key) const;
  std::vector<std::string_view> All(std::string_view key) const;

  // As it came, with the empty line at its end.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace trunkline::providers::sip::ami
