#include "libs/providers/exotel/multipart.h"

#include <algorithm>
#include <string>

#include "libs/base/text.h"

namespace trunkline::providers::exotel {
namespace {

constexpr size_t kMostParts = 200;
constexpr size_t kLongestBoundary = 70;
constexpr size_t kLongestHead = 4096;

// The value of a parameter ("boundary", "name") of a header; quoted or not.
std::optional<std::string> ParameterOf(std::string_view header, std::string_view name) {
  size_t at = header.find(';');
  while (at != std::string_view::npos) {
    const std::string_view rest = header.substr(at + 1);
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const bool wanted = EqualsIgnoreCase(Trim(rest.substr(0, equals)), name);
    std::string value;
    size_t end = equals + 1;
    if (end < rest.size() && rest[end] == '"') {
      for (++end; end < rest.size() && rest[end] != '"'; ++end) {
        if (rest[end] == '\\' && end + 1 < rest.size() && (rest[end + 1] == '"' || rest[end + 1] == '\\')) ++end;
        value.push_back(rest[end]);
      }
      if (end == rest.size()) return std::nullopt;
    } else {
      end = std::min(rest.find(';', end), rest.size());
      value = Trim(rest.substr(equals + 1, end - equals - 1));
    }
    if (wanted) return value;
    const size_t next = rest.find(';', end);
    at = next == std::string_view::npos ? next : at + 1 + next;
  }
  return std::nullopt;
}

// The name that a part's headers give it.
std::optional<std::string> NameOf(std::string_view head) {
  for (std::string_view line : Split(head, '\n')) {
    line = Trim(line);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!EqualsIgnoreCase(Trim(line.substr(0, colon)), "content-disposition")) continue;
    const std::string_view value = line.substr(colon + 1);
    if (!EqualsIgnoreCase(Trim(Split(value, ';')[0]), "form-data")) return std::nullopt;
    return ParameterOf(value, "name");
  }
  return std::nullopt;
}

}  // namespace

bool IsMultipart(std::string_view content_type) {
  return EqualsIgnoreCase(Trim(Split(content_type, ';')[0]), "multipart/form-data");
}

std::optional<Form> ParseMultipart(std::string_view content_type, std::string_view body) {
  const auto boundary = ParameterOf(content_type, "boundary");
  if (!boundary.has_value() || boundary->empty() || boundary->size() > kLongestBoundary) return std::nullopt;
  const std::string first = Concat("--", *boundary);
  const std::string delimiter = Concat("\r\n", first);
  // Whatever stands before the first boundary is not a part.
  size_t at = body.starts_with(first) ? first.size() : body.find(delimiter);
  if (at == std::string_view::npos) return std::nullopt;
  if (!body.starts_with(first)) at += delimiter.size();
  Form form;
  while (!body.substr(at).starts_with("--")) {
    const size_t head_start = body.find("\r\n", at);
    // Between a boundary and its line end there may be white space only.
    if (head_start == std::string_view::npos || !Trim(body.substr(at, head_start - at)).empty()) return std::nullopt;
    const size_t head_end = body.find("\r\n\r\n", head_start);
    if (head_end == std::string_view::npos || head_end - head_start > kLongestHead) return std::nullopt;
    const size_t value_start = head_end + 4;
    // An empty part: the delimiter's line end is the one that ends the head.
    const size_t value_end = body.find(delimiter, head_end + 2);
    if (value_end == std::string_view::npos || form.size() == kMostParts) return std::nullopt;
    auto name = NameOf(body.substr(head_start, head_end - head_start));
    if (!name.has_value() || name->empty()) return std::nullopt;
    const size_t length = value_end > value_start ? value_end - value_start : 0;
    form.emplace_back(*std::move(name), std::string(body.substr(std::min(value_start, body.size()), length)));
    at = value_end + delimiter.size();
  }
  return form;
}

}  // namespace trunkline::providers::exotel
