#include "libs/tracking/webhook_url.h"

#include <vector>

#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/tracking/redaction.h"

namespace trunkline::tracking {
namespace {

constexpr std::string_view kRoot = "/webhooks/";

// Where the path after the root begins and ends; npos when the URL is none of ours.
struct PathSpan {
  size_t begin = std::string_view::npos;
  size_t end = 0;
};

PathSpan FindPath(std::string_view url) {
  const size_t end = url.find_first_of("?#");
  const std::string_view before = url.substr(0, end);
  const size_t scheme = before.find("://");
  const size_t path = before.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  if (path == std::string_view::npos) return {};
  const size_t root = before.find(kRoot, path);
  if (root == std::string_view::npos) return {};
  return {.begin = root + kRoot.size(), .end = before.size()};
}

struct Pieces {
  WebhookUrl url;
  std::string_view raw_token;  // as it stands in the path
};

Pieces ReadPieces(std::string_view url) {
  Pieces read;
  const PathSpan span = FindPath(url);
  if (span.begin == std::string_view::npos) return read;
  std::vector<std::string_view> pieces = Split(url.substr(span.begin, span.end - span.begin), '/');
  while (!pieces.empty() && pieces.back().empty()) pieces.pop_back();
  if (pieces.empty()) return read;
  read.url.platform = PercentDecode(pieces[0], false);
  if (pieces.size() == 2 && !IsUuid(pieces[1])) {
    read.raw_token = pieces[1];
  } else if (pieces.size() >= 2 && IsUuid(pieces[1])) {
    read.url.account_id = std::string(pieces[1]);
    if (pieces.size() == 3 && pieces[2].size() >= kShortestToken) {
      // Whoever left the event out must not find the secret in a log, as an event.
      read.raw_token = pieces[2];
    } else if (pieces.size() >= 3) {
      read.url.event = PercentDecode(pieces[2], false);
    }
    if (pieces.size() >= 4) read.raw_token = pieces[3];
  }
  read.url.token = PercentDecode(read.raw_token, false);
  const Form query = ParseForm(QueryOf(url));
  // In the query of our own URL the event stands on purpose.
  if (const auto event = FindInForm(query, "event"); event.has_value() && !event->empty()) {
    read.url.event = std::string(*event);
  }
  const auto account = FindInForm(query, "account");
  if (read.url.account_id.empty() && account.has_value() && IsUuid(*account)) {
    read.url.account_id = std::string(*account);
  }
  return read;
}

}  // namespace

std::string_view QueryOf(std::string_view url) {
  const size_t mark = url.find('?');
  if (mark == std::string_view::npos) return {};
  const std::string_view rest = url.substr(mark + 1);
  return rest.substr(0, rest.find('#'));
}

std::string WebhookUrl::Render(std::string_view public_url, std::string_view query) const {
  std::string url = Concat(public_url, kRoot, platform, "/", account_id, "/", PercentEncode(event));
  if (!token.empty()) url += Concat("/", PercentEncode(token));
  if (!query.empty()) url += Concat("?", query);
  return url;
}

WebhookUrl ReadWebhookUrl(std::string_view url) { return ReadPieces(url).url; }

std::string WebhookUrlToKeep(std::string_view url) {
  const Pieces pieces = ReadPieces(url);
  if (pieces.raw_token.empty()) return WithoutSecretParameters(url);
  const size_t at = static_cast<size_t>(pieces.raw_token.data() - url.data());
  return WithoutSecretParameters(Concat(url.substr(0, at), kCutOut, url.substr(at + pieces.raw_token.size())));
}

}  // namespace trunkline::tracking
