#include "libs/providers/plivo/signature.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/test_webhooks.h"

namespace trunkline::providers::plivo {
namespace {

constexpr char kUrl[] = "https://h.example/p";
constexpr AcceptedSchemes kAll = {.v3 = true, .v2 = true, .v1 = true};

struct Vector {
  std::string scheme, method, url, token, nonce, signature;
  Form form;
  bool valid = false;
};

// A request of a real GET has everything in its URL.
Vector Read(const nlohmann::json& json) {
  const nlohmann::json& inputs = json.at("inputs");
  Vector vector{.scheme = inputs.at("scheme"),
                .method = inputs.at("method"),
                .url = inputs.at("url"),
                .token = inputs.at("auth_token"),
                .nonce = inputs.value("nonce", ""),
                .signature = inputs.value("signature", inputs.value("header", "")),
                .form = {},
                .valid = json.at("expected").at("valid")};
  if (vector.signature.empty()) vector.signature = json.at("expected").at("signature");
  for (const auto& pair : inputs.at("params")) vector.form.emplace_back(pair.at(0), pair.at(1));
  if (vector.scheme == "v3" && vector.method == "GET" && vector.url.find("CallUUID=") == std::string::npos) {
    if (!vector.form.empty()) {
      vector.url += Concat(vector.url.find('?') == std::string::npos ? "?" : "&", EncodeForm(vector.form));
    }
  }
  return vector;
}

absl::Status Check(const Vector& vector, const std::string& token) {
  SignedRequest request{.method = vector.method, .url = vector.url, .form = vector.form};
  if (vector.scheme == "v3") {
    request.v3 = vector.signature;
    request.v3_nonce = vector.nonce;
  } else if (vector.scheme == "v2") {
    request.v2 = vector.signature;
    request.v2_nonce = vector.nonce;
  } else {
    request.v1 = vector.signature;
  }
  return CheckSignature(request, {.own = {token}, .main = {}}, kAll);
}

TEST(SignatureTest, EveryPublishedVectorIsJudgedRightly) {
  const nlohmann::json vectors = ParseJson(testing_support::ReadTestData("plivo", "plivo_signatures.json"));
  ASSERT_GE(vectors.size(), 36u);
  int refused = 0;
  for (const nlohmann::json& json : vectors) {
    const Vector vector = Read(json);
    const absl::Status status = Check(vector, vector.token);
    EXPECT_EQ(status.ok(), vector.valid) << json.at("name") << ": " << status;
    if (!status.ok()) ++refused;
    EXPECT_FALSE(Check(vector, "some other token").ok()) << json.at("name");
    EXPECT_FALSE(Check(vector, "").ok()) << json.at("name");
  }
  EXPECT_GE(refused, 6);
}

TEST(SignatureTest, EveryPublishedVectorIsMadeAgain) {
  const nlohmann::json vectors = ParseJson(testing_support::ReadTestData("plivo", "plivo_signatures.json"));
  for (const nlohmann::json& json : vectors) {
    const Vector vector = Read(json);
    if (!vector.valid) continue;
    const std::string expected = json.at("expected").at("signature");
    std::string made;
    if (vector.scheme == "v3") {
      made = SignText(V3Text(vector.method, vector.url, vector.form, vector.nonce), vector.token);
    } else if (vector.scheme == "v2") {
      made = SignText(V2Text(vector.url, vector.nonce), vector.token);
    } else {
      made = SignV1Text(V1Text(vector.url, vector.form), vector.token);
    }
    EXPECT_EQ(made, expected) << json.at("name");
  }
}

TEST(SignatureTest, MainAndOwnHeadersHaveTheirOwnTokens) {
  const nlohmann::json vectors = ParseJson(testing_support::ReadTestData("plivo", "plivo_signatures.json"));
  for (const nlohmann::json& json : vectors) {
    if (json.at("name") != "v3_subaccount_and_main_headers") continue;
    const nlohmann::json& inputs = json.at("inputs");
    const Vector vector = Read(json);
    const std::string own = inputs.at("headers").at("X-Plivo-Signature-V3");
    const std::string main = inputs.at("headers").at("X-Plivo-Signature-Ma-V3");
    const SignedRequest request{.method = vector.method,
                                .url = vector.url,
                                .form = vector.form,
                                .v3 = own,
                                .v3_main = main,
                                .v3_nonce = vector.nonce};
    const std::string sub_token = inputs.at("subaccount_token");
    const std::string main_token = inputs.at("main_account_token");
    EXPECT_TRUE(CheckSignature(request, {.own = {sub_token}, .main = {}}, {}).ok());
    EXPECT_TRUE(CheckSignature(request, {.own = {"x"}, .main = {main_token}}, {}).ok());
    EXPECT_FALSE(CheckSignature(request, {.own = {main_token}, .main = {sub_token}}, {}).ok());
    return;
  }
  FAIL() << "the vector is not there";
}

TEST(SignatureTest, OldSchemesCountOnlyWhereTheyAreAccepted) {
  const Form form = {{"CallUUID", "u1"}};
  const std::string v2 = SignText(V2Text(kUrl, "7"), "t");
  const std::string v1 = SignV1Text(V1Text(kUrl, form), "t");
  const SigningTokens tokens{.own = {"t"}, .main = {"t"}};
  const SignedRequest by_v2{.method = "POST", .url = kUrl, .form = form, .v2 = v2, .v2_nonce = "7"};
  const SignedRequest by_v1{.method = "POST", .url = kUrl, .form = form, .v1 = v1};
  EXPECT_EQ(CheckSignature(by_v2, tokens, {}).message(), "SIGNATURE_MISSING");
  EXPECT_EQ(CheckSignature(by_v1, tokens, {}).message(), "SIGNATURE_MISSING");
  EXPECT_TRUE(CheckSignature(by_v2, tokens, kAll).ok());
  EXPECT_TRUE(CheckSignature(by_v1, tokens, kAll).ok());
}

TEST(SignatureTest, AWrongV3IsNotSavedByARightV2) {
  const Form form = {{"CallUUID", "u1"}};
  const std::string v2 = SignText(V2Text(kUrl, "7"), "t");
  const SignedRequest request{
      .method = "POST", .url = kUrl, .form = form, .v3 = "x", .v3_nonce = "7", .v2 = v2, .v2_nonce = "7"};
  EXPECT_EQ(CheckSignature(request, {.own = {"t"}, .main = {"t"}}, kAll).message(), "SIGNATURE_MISMATCH");
}

TEST(SignatureTest, PortsAndTheDotOfTheDocumentationAreAccepted) {
  const Form form = {{"CallUUID", "u1"}};
  const SigningTokens tokens{.own = {"t"}, .main = {}};
  const auto accepts = [&](std::string_view url, std::string_view text) {
    const std::string signature = SignText(text, "t");
    return CheckSignature({.method = "POST", .url = url, .form = form, .v3 = signature, .v3_nonce = "7"}, tokens, {})
        .ok();
  };
  EXPECT_TRUE(accepts("https://h:8443/p#rc=5", "https://h:8443/p?CallUUIDu1.7"));
  EXPECT_TRUE(accepts("https://h:8443/p", "https://h/p?CallUUIDu1.7"));
  EXPECT_TRUE(accepts("https://h/p", "https://h/p.CallUUIDu1.7"));
  EXPECT_TRUE(accepts("https://[::1]:8443/p", "https://[::1]/p?CallUUIDu1.7"));
  EXPECT_FALSE(accepts("https://h/p", "https://h/pCallUUIDu1.7"));
  EXPECT_FALSE(accepts("https://h/p", "http://h/p?CallUUIDu1.7"));
}

}  // namespace
}  // namespace trunkline::providers::plivo
