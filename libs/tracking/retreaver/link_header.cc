#include "libs/tracking/retreaver/link_header.h"

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::tracking::retreaver {
namespace {

// True when the parameters of a link ("; rel=\"next\"; title=...") name the relation.
bool HasRelation(std::string_view parameters, std::string_view relation) {
  for (const std::string_view piece : Split(parameters, ';')) {
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos || !EqualsIgnoreCase(Trim(piece.substr(0, equals)), "rel")) continue;
    std::string_view value = Trim(piece.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    for (const std::string_view name : Split(value, ' ')) {
      if (EqualsIgnoreCase(name, relation)) return true;
    }
  }
  return false;
}

// Where the parameters of a link end: at a comma outside of quotes.
size_t EndOfParameters(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == ',' && !quoted) return i;
  }
  return text.size();
}

}  // namespace

std::optional<int64_t> NextPageOf(std::string_view header) {
  while (true) {
    const size_t open = header.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    const size_t close = header.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view url = header.substr(open + 1, close - open - 1);
    const std::string_view rest = header.substr(close + 1);
    const size_t end = EndOfParameters(rest);
    if (HasRelation(rest.substr(0, end), "next")) {
      const size_t mark = url.find('?');
      if (mark == std::string_view::npos) return std::nullopt;
      const Form query = ParseForm(url.substr(mark + 1));
      return ParseInt(FindInForm(query, "page").value_or(""));
    }
    header = rest.substr(end);
  }
}

}  // namespace trunkline::tracking::retreaver
