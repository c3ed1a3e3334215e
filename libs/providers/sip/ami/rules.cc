#include "libs/providers/sip/ami/rules.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"

namespace trunkline::providers::sip::ami {
namespace {

constexpr std::string_view kVariablePrefix = "TRUNKLINE_";
constexpr size_t kLongestName = 79;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAlphanumeric(char c) { return IsDigit(c) || IsLetter(c); }

// Letters, digits and `more`, of a length between both bounds.
bool Consists(std::string_view text, size_t shortest, size_t longest, std::string_view more) {
  return text.size() >= shortest && text.size() <= longest && std::all_of(text.begin(), text.end(), [&](char c) {
           return IsAlphanumeric(c) || more.find(c) != std::string_view::npos;
         });
}

bool IsHexText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace

bool IsPlainText(std::string_view text) {
  return IsStorableText(text) && std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 && byte != 0x7f;
         });
}

bool IsNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return text.size() >= 2 && text.size() <= 20 && AreDigits(text);
}

bool IsExtension(std::string_view text) { return Consists(text, 1, kLongestName, "_-+*#"); }
bool IsContext(std::string_view text) { return Consists(text, 1, kLongestName, "_-"); }

bool IsPriority(std::string_view text) {
  if (text.empty()) return false;
  if (IsDigit(text.front())) {
    const auto number = ParseInt(text);
    return text.size() <= 4 && number.has_value() && *number >= 1;
  }
  return IsLetter(text.front()) && Consists(text, 1, kLongestName, "_-");
}

bool IsDialString(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view technology = text.substr(0, slash);
  if (technology != "PJSIP" && technology != "SIP" && technology != "Local") return false;
  std::string_view rest = text.substr(slash + 1);
  if (rest.ends_with("/n")) rest.remove_suffix(2);
  const size_t at = rest.find('@');
  if (at != std::string_view::npos && !Consists(rest.substr(at + 1), 1, 64, "_.-")) return false;
  return Consists(rest.substr(0, at), 1, 64, "_.+-");
}

bool IsChannelName(std::string_view text) {
  if (text.ends_with(";1") || text.ends_with(";2")) text.remove_suffix(2);
  const size_t slash = text.find('/');
  const size_t dash = text.rfind('-');
  if (slash == std::string_view::npos || dash == std::string_view::npos || dash < slash) return false;
  const std::string_view number = text.substr(dash + 1);
  return Consists(text.substr(0, slash), 1, 32, "") && number.size() == 8 && IsHexText(number) &&
         Consists(text.substr(slash + 1, dash - slash - 1), 1, 120, "_.+@:/-");
}

bool IsChannelId(std::string_view text) { return Consists(text, 1, 149, "._-"); }
bool IsActionId(std::string_view text) { return Consists(text, 1, 64, "._-"); }

bool IsCallerId(std::string_view text) {
  const size_t open = text.find('<');
  if (open == std::string_view::npos || !text.ends_with('>')) return false;
  if (!IsNumber(text.substr(open + 1, text.size() - open - 2))) return false;
  std::string_view name = text.substr(0, open);
  if (name.empty()) return true;
  if (name.size() < 3 || !name.starts_with('"') || !name.ends_with("\" ")) return false;
  name = name.substr(1, name.size() - 3);
  return Consists(name, 0, 40, " .'_-");
}

bool IsVariableName(std::string_view text) {
  for (int i = 0; i < 2 && text.starts_with('_'); ++i) text.remove_prefix(1);
  return text.starts_with(kVariablePrefix) && text.size() > kVariablePrefix.size() && Consists(text, 1, 64, "_");
}

bool IsVariableValue(std::string_view text) { return Consists(text, 0, 256, " ._:@/+=-"); }

bool IsAssignment(std::string_view text) {
  const size_t equals = text.find('=');
  return equals != std::string_view::npos && IsVariableName(text.substr(0, equals)) &&
         IsVariableValue(text.substr(equals + 1));
}

bool IsRecordingFile(std::string_view text) {
  constexpr std::array<std::string_view, 6> kFormats = {"wav", "gsm", "ulaw", "alaw", "sln", "WAV"};
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view name = text.substr(0, dot);
  return Consists(name, 1, 80, "_-") && IsAlphanumeric(name.front()) &&
         std::find(kFormats.begin(), kFormats.end(), text.substr(dot + 1)) != kFormats.end();
}

bool IsDtmfDigit(std::string_view text) {
  return text.size() == 1 && std::string_view("0123456789ABCD*#").find(text.front()) != std::string_view::npos;
}

}  // namespace trunkline::providers::sip::ami
