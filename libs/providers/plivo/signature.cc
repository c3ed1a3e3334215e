#include "libs/providers/plivo/signature.h"

#include <algorithm>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/text.h"

namespace trunkline::providers::plivo {
namespace {

struct UrlParts {
  std::string_view base;   // scheme, host, port and path
  std::string_view query;  // without '?'
};

UrlParts Cut(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const size_t question = url.find('?');
  if (question == std::string_view::npos) return {url, {}};
  return {url.substr(0, question), url.substr(question + 1)};
}

Form Sorted(Form form) {
  std::sort(form.begin(), form.end());
  return form;
}

// By name and then by value, in the order of their bytes, decoded.
std::string SortedQuery(std::string_view query) {
  std::string text;
  for (const auto& [name, value] : Sorted(ParseForm(query))) {
    if (!text.empty()) text.push_back('&');
    text += Concat(name, "=", value);
  }
  return text;
}

std::string SortedPairs(const Form& form) {
  std::string text;
  for (const auto& [name, value] : Sorted(form)) text += Concat(name, value);
  return text;
}

// `joint` stands between the URL and the parameters of a POST to a URL without a query.
std::string V3TextOf(std::string_view base, std::string_view method, std::string_view query, const Form& form,
                     std::string_view nonce, std::string_view joint) {
  const std::string sorted = SortedQuery(query);
  std::string text(base);
  if (!sorted.empty()) text += Concat("?", sorted);
  if (method != "GET" && !form.empty()) text += Concat(sorted.empty() ? joint : ".", SortedPairs(form));
  return Concat(text, ".", nonce);
}

// Plivo's own libraries disagree about whether a port is part of what is signed.
std::string WithoutPort(std::string_view base) {
  const size_t scheme = base.find("://");
  if (scheme == std::string_view::npos) return std::string(base);
  const size_t host = scheme + 3;
  const size_t path = std::min(base.find('/', host), base.size());
  const std::string_view authority = base.substr(host, path - host);
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return colon == std::string_view::npos ? std::string(base)
                                         : Concat(base.substr(0, host), authority.substr(0, colon), base.substr(path));
}

// The texts that Plivo may have signed: the one that its libraries and their vectors agree on, the one without a port,
// and the one of the documentation's prose, which has a dot where the libraries have a question mark.
std::vector<std::string> V3Texts(const SignedRequest& request) {
  const UrlParts url = Cut(request.url);
  std::vector<std::string> bases = {std::string(url.base)};
  if (std::string bare = WithoutPort(url.base); bare != url.base) bases.push_back(std::move(bare));
  std::vector<std::string> texts;
  for (const std::string& base : bases) {
    for (const std::string_view joint : {"?", "."}) {
      std::string text = V3TextOf(base, request.method, url.query, request.form, request.v3_nonce, joint);
      if (texts.empty() || texts.back() != text) texts.push_back(std::move(text));
    }
  }
  return texts;
}

bool IsAmong(std::string_view header, std::string_view expected) {
  bool found = false;
  for (const std::string_view one : Split(header, ',')) {
    if (EqualsInConstantTime(Trim(one), expected)) found = true;
  }
  return found;
}

using Signer = std::string (*)(std::string_view text, std::string_view token);

bool IsSignedWith(std::string_view header, const std::vector<std::string>& texts,
                  const std::vector<std::string>& tokens, Signer sign) {
  if (header.empty()) return false;
  return std::any_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
    // HMAC takes an empty key as well: an account without a token would accept what anybody can sign.
    return !token.empty() && std::any_of(texts.begin(), texts.end(),
                                         [&](const std::string& text) { return IsAmong(header, sign(text, token)); });
  });
}

absl::Status Judge(bool holds) { return holds ? absl::OkStatus() : absl::UnauthenticatedError("SIGNATURE_MISMATCH"); }

}  // namespace

std::string V3Text(std::string_view method, std::string_view url, const Form& form, std::string_view nonce) {
  const UrlParts parts = Cut(url);
  return V3TextOf(parts.base, method, parts.query, form, nonce, "?");
}

std::string V2Text(std::string_view url, std::string_view nonce) { return Concat(Cut(url).base, nonce); }

std::string V1Text(std::string_view url, const Form& form) {
  return Concat(url.substr(0, url.find('#')), SortedPairs(form));
}

std::string SignText(std::string_view text, std::string_view token) { return Base64Encode(HmacSha256(token, text)); }

std::string SignV1Text(std::string_view text, std::string_view token) { return Base64Encode(HmacSha1(token, text)); }

absl::Status CheckSignature(const SignedRequest& request, const SigningTokens& tokens, AcceptedSchemes accepted) {
  if (accepted.v3 && (!request.v3.empty() || !request.v3_main.empty())) {
    const std::vector<std::string> texts = V3Texts(request);
    return Judge(IsSignedWith(request.v3, texts, tokens.own, SignText) ||
                 IsSignedWith(request.v3_main, texts, tokens.main, SignText));
  }
  if (accepted.v2 && (!request.v2.empty() || !request.v2_main.empty())) {
    const std::vector<std::string> texts = {V2Text(request.url, request.v2_nonce)};
    return Judge(IsSignedWith(request.v2, texts, tokens.own, SignText) ||
                 IsSignedWith(request.v2_main, texts, tokens.main, SignText));
  }
  if (accepted.v1 && !request.v1.empty()) {
    const Form none;
    const std::vector<std::string> texts = {V1Text(request.url, request.method == "GET" ? none : request.form)};
    return Judge(IsSignedWith(request.v1, texts, tokens.own, SignV1Text));
  }
  return absl::UnauthenticatedError("SIGNATURE_MISSING");
}

}  // namespace trunkline::providers::plivo
