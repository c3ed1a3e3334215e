#include "libs/http/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "libs/base/text.h"

namespace trunkline::http {
namespace {

std::string_view ReasonPhrase(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 33> kPhrases = {{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  for (const auto& [code, phrase] : kPhrases) {
    if (code == status) return phrase;
  }
  return "Status";
}

void AppendNumber(std::string& out, uint64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void AppendCleaned(std::string& out, std::string_view text) {
  const size_t start = out.size();
  out.append(text);
  std::replace_if(
      out.begin() + static_cast<ptrdiff_t>(start), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

bool IsOwnedByServer(std::string_view name) {
  return EqualsIgnoreCase(name, "content-length") || EqualsIgnoreCase(name, "transfer-encoding") ||
         EqualsIgnoreCase(name, "connection") || EqualsIgnoreCase(name, "date");
}

// All but what tells the length, and the empty line.
void AppendCommonHead(const Response& response, bool keep_alive, std::string_view date, std::string& out) {
  out.append("HTTP/1.1 ");
  AppendNumber(out, static_cast<size_t>(std::clamp(response.status, 100, 999)));
  out.push_back(' ');
  out.append(ReasonPhrase(response.status));
  // A simulator may have a clock of its own.
  const std::string_view own_date = FindHeader(response.headers, "date");
  out.append("\r\nDate: ");
  AppendCleaned(out, own_date.empty() ? date : own_date);
  out.append(keep_alive ? "\r\nConnection: keep-alive\r\n" : "\r\nConnection: close\r\n");
  for (const auto& [name, value] : response.headers) {
    if (IsOwnedByServer(name)) continue;
    AppendCleaned(out, name);
    out.append(": ");
    AppendCleaned(out, value);
    out.append("\r\n");
  }
}

void AppendLength(uint64_t bytes, std::string& out) {
  out.append("Content-Length: ");
  AppendNumber(out, bytes);
  out.append("\r\n");
}

}  // namespace

void AppendResponseHead(const Response& response, bool keep_alive, std::string_view date, std::string& out) {
  AppendCommonHead(response, keep_alive, date, out);
  if (StatusHasBody(response.status)) AppendLength(response.body.size(), out);
  out.append("\r\n");
}

void AppendStreamHead(const Response& response, StreamEnd end, uint64_t bytes, bool keep_alive, std::string_view date,
                      std::string& out) {
  AppendCommonHead(response, keep_alive, date, out);
  if (end == StreamEnd::kLength) AppendLength(bytes, out);
  if (end == StreamEnd::kChunks) out.append("Transfer-Encoding: chunked\r\n");
  out.append("\r\n");
}

bool StatusHasBody(int status) { return status >= 200 && status != 204 && status != 304; }

bool AsksToClose(const Response& response) {
  return EqualsIgnoreCase(FindHeader(response.headers, "connection"), "close");
}

}  // namespace trunkline::http
