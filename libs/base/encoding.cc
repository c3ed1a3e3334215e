#include "libs/base/encoding.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace trunkline {
namespace {

// The value of a hexadecimal digit, -1 for any other byte. A table, since every state of a call passes through it.
constexpr std::array<signed char, 256> kHexValues = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < 10; ++i) values['0' + i] = static_cast<signed char>(i);
  for (size_t i = 0; i < 6; ++i) {
    values['a' + i] = static_cast<signed char>(10 + i);
    values['A' + i] = static_cast<signed char>(10 + i);
  }
  return values;
}();

int HexDigit(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string Base64Encode(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), Bytes(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(length));
  return out;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::string();
  const size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  if (text.substr(0, text.size() - padding).find('=') != std::string_view::npos) return std::nullopt;
  // OpenSSL trims white space at both ends, which would hide a text that is not plain base64.
  if (text.find_first_of(" \t\r\n") != std::string_view::npos) return std::nullopt;
  std::string out(3 * text.size() / 4, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), Bytes(text), static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  out.resize(static_cast<size_t>(length) - padding);
  return out;
}

std::string HexEncode(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[static_cast<unsigned char>(bytes[i]) >> 4];
    out[2 * i + 1] = kDigits[static_cast<unsigned char>(bytes[i]) & 15];
  }
  return out;
}

std::optional<std::string> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out(text.size() / 2, '\0');
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    }
  }
  return out;
}

std::string PercentDecode(std::string_view text, bool plus_is_space) {
  // Not find_first_of(), which asks memchr() about each character.
  const auto find_special = [&](size_t from) {
    while (from < text.size() && text[from] != '%' && !(plus_is_space && text[from] == '+')) ++from;
    return from;
  };
  size_t next = find_special(0);
  if (next == text.size()) return std::string(text);
  std::string out;
  out.reserve(text.size());
  size_t copied = 0;
  for (; next < text.size(); next = find_special(copied)) {
    out.append(text, copied, next - copied);
    copied = next + 1;
    if (text[next] == '+') {
      out.push_back(' ');
    } else if (next + 2 < text.size() && HexDigit(text[next + 1]) >= 0 && HexDigit(text[next + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[next + 1]) * 16 + HexDigit(text[next + 2])));
      copied = next + 3;
    } else {
      out.push_back('%');
    }
  }
  out.append(text, copied);
  return out;
}

Form ParseForm(std::string_view encoded) {
  Form form;
  form.reserve(static_cast<size_t>(std::count(encoded.begin(), encoded.end(), '&')) + 1);
  while (!encoded.empty()) {
    const size_t end = encoded.find('&');
    const std::string_view pair = encoded.substr(0, end);
    if (!pair.empty()) {
      const size_t equals = pair.find('=');
      const std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
      form.emplace_back(PercentDecode(pair.substr(0, equals), true), PercentDecode(value, true));
    }
    if (end == std::string_view::npos) break;
    encoded.remove_prefix(end + 1);
  }
  return form;
}

std::string EncodeForm(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out.push_back('&');
    out += PercentEncode(name);
    out.push_back('=');
    out += PercentEncode(value);
  }
  return out;
}

std::optional<std::string_view> FindInForm(const Form& form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return std::nullopt;
}

}  // namespace trunkline
