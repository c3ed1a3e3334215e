#include "libs/providers/twilio/signature.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/media_type.h"
#include "libs/base/text.h"

namespace trunkline::providers::twilio {
namespace {

// A URL in the pieces that the variants are made of; joined again they are the URL.
struct UrlParts {
  std::string_view scheme;     // with "://"
  std::string_view user_info;  // with '@'
  std::string_view host;
  std::string_view port;   // with ':'
  std::string_view path;   // up to the query
  std::string_view query;  // with '?'
};

UrlParts Cut(std::string_view url) {
  UrlParts parts;
  url = url.substr(0, url.find('#'));
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    parts.scheme = url.substr(0, scheme + 3);
    url.remove_prefix(scheme + 3);
  }
  const size_t authority_end = std::min(url.find_first_of("/?"), url.size());
  std::string_view authority = url.substr(0, authority_end);
  url.remove_prefix(authority_end);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    parts.user_info = authority.substr(0, at + 1);
    authority.remove_prefix(at + 1);
  }
  // The colons of an IPv6 address stand within brackets.
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = authority.substr(colon);
  const size_t question = url.find('?');
  parts.path = url.substr(0, question);
  if (question != std::string_view::npos) parts.query = url.substr(question);
  return parts;
}

bool IsWebSocket(const UrlParts& parts) { return parts.scheme == "wss://" || parts.scheme == "ws://"; }

std::string_view StandardPort(const UrlParts& parts) {
  return parts.scheme == "http://" || parts.scheme == "ws://" ? ":80" : ":443";
}

std::string EncodeApostrophes(std::string_view query) {
  std::string out;
  for (const char c : query) {
    if (c == '\'') {
      out += "%27";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// What of a form is signed: each distinct pair once, by name and then by value, in the order of their bytes.
std::string SignedForm(const Form& form) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs(form.begin(), form.end());
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  std::string text;
  for (const auto& [name, value] : pairs) {
    text += name;
    text += value;
  }
  return text;
}

// True when one of the tokens made the signature.
bool IsSignedWith(std::string_view url, std::string_view signed_form, const std::vector<std::string>& tokens,
                  std::string_view signature) {
  const std::string text = Concat(url, signed_form);
  return std::any_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
    // HMAC takes an empty key as well: an account without a token would accept what anybody can sign.
    return !token.empty() && EqualsInConstantTime(Base64Encode(HmacSha1(token, text)), signature);
  });
}

absl::Status CheckBodyDigest(const SignedRequest& request) {
  const UrlParts parts = Cut(request.url);
  const std::string digest = HexEncode(Sha256(request.body));
  const Form query = ParseForm(parts.query.empty() ? parts.query : parts.query.substr(1));
  const std::optional<std::string_view> told = FindInForm(query, "bodySHA256");
  if (told.has_value() && EqualsInConstantTime(*told, digest)) return absl::OkStatus();
  return absl::UnauthenticatedError("BODY_DIGEST_MISMATCH");
}

}  // namespace

std::string Sign(std::string_view url, const Form& form, std::string_view token) {
  return Base64Encode(HmacSha1(token, Concat(url, SignedForm(form))));
}

std::vector<std::string> SignedUrlVariants(std::string_view url) {
  const UrlParts parts = Cut(url);
  const std::string_view other_port = parts.port.empty() ? StandardPort(parts) : std::string_view();
  std::vector<std::string> queries = {std::string(parts.query)};
  if (parts.query.find('\'') != std::string_view::npos) queries.push_back(EncodeApostrophes(parts.query));
  std::vector<std::string> paths = {std::string(parts.path)};
  if (IsWebSocket(parts) && !parts.path.ends_with('/')) paths.push_back(Concat(parts.path, "/"));
  std::vector<std::string_view> user_infos = {parts.user_info};
  if (!parts.user_info.empty()) user_infos.emplace_back();

  std::vector<std::string> variants;
  for (const std::string_view user_info : user_infos) {
    for (const std::string& path : paths) {
      for (const std::string& query : queries) {
        for (const std::string_view port : {parts.port, other_port}) {
          variants.push_back(Concat(parts.scheme, user_info, parts.host, port, path, query));
        }
      }
    }
  }
  return variants;
}

absl::Status CheckSignature(const SignedRequest& request, const std::vector<std::string>& tokens) {
  if (request.signature.empty()) return absl::UnauthenticatedError("SIGNATURE_MISSING");
  std::string signed_form;
  if (request.method != "GET") {
    // JSON is not signed itself but by its digest in the URL.
    if (IsJson(request.content_type)) {
      if (absl::Status digest = CheckBodyDigest(request); !digest.ok()) return digest;
    } else {
      signed_form = SignedForm(request.form != nullptr ? *request.form : ParseForm(request.body));
    }
  }
  // Nearly every genuine webhook is signed as it was asked; the variants are for the rest.
  if (IsSignedWith(request.url.substr(0, request.url.find('#')), signed_form, tokens, request.signature)) {
    return absl::OkStatus();
  }
  const std::vector<std::string> variants = SignedUrlVariants(request.url);
  const bool matches = std::any_of(variants.begin(), variants.end(), [&](const std::string& url) {
    return IsSignedWith(url, signed_form, tokens, request.signature);
  });
  return matches ? absl::OkStatus() : absl::UnauthenticatedError("SIGNATURE_MISMATCH");
}

}  // namespace trunkline::providers::twilio
