#include "libs/providers/twilio/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/twilio/test_webhooks.h"

namespace trunkline::providers::twilio {
namespace {

using testing::ElementsAre;

constexpr char kUrl[] = "https://mycompany.com/myapp.php?foo=1&bar=2";
constexpr char kFormType[] = "application/x-www-form-urlencoded";

std::string BodyOf(const nlohmann::json& inputs) {
  if (inputs.at("body").is_string()) return inputs.at("body");
  if (inputs.contains("raw_body")) return inputs.at("raw_body");
  Form form;
  for (const auto& pair : inputs.at("params")) form.emplace_back(pair.at(0), pair.at(1));
  return EncodeForm(form);
}

TEST(SignatureTest, EveryPublishedVectorIsJudgedRightly) {
  const nlohmann::json vectors = ParseJson(testing_support::ReadTestData("twilio", "twilio_signatures.json"));
  ASSERT_GE(vectors.size(), 47u);
  int refused = 0;
  for (const nlohmann::json& vector : vectors) {
    const nlohmann::json& inputs = vector.at("inputs");
    const nlohmann::json& expected = vector.at("expected");
    const std::string method = inputs.at("method");
    const std::string url = inputs.at("url");
    const std::string content_type = inputs.at("content_type");
    const std::string body = BodyOf(inputs);
    const std::string signature = inputs.contains("signature") ? inputs.at("signature") : expected.at("signature");
    const absl::Status status =
        CheckSignature({method, url, content_type, body, signature}, {std::string(inputs.at("auth_token"))});
    EXPECT_EQ(status.ok(), expected.at("valid").get<bool>()) << vector.at("name") << ": " << status;
    if (!status.ok()) ++refused;
    // The same with another token is never right.
    EXPECT_FALSE(CheckSignature({method, url, content_type, body, signature}, {"another"}).ok()) << vector.at("name");
  }
  EXPECT_GE(refused, 4);
}

TEST(SignatureTest, EitherTokenIsAcceptedWhileRotating) {
  const Form form = {{"CallSid", "CA1"}};
  const std::string body = EncodeForm(form);
  const std::string signature = Sign(kUrl, form, "old");
  EXPECT_TRUE(CheckSignature({"POST", kUrl, kFormType, body, signature}, {"new", "old"}).ok());
  EXPECT_TRUE(CheckSignature({"POST", kUrl, kFormType, body, signature}, {"old", ""}).ok());
  EXPECT_FALSE(CheckSignature({"POST", kUrl, kFormType, body, signature}, {"new", ""}).ok());
}

TEST(SignatureTest, AnEmptyTokenSignsNothing) {
  const std::string signature = Sign(kUrl, {}, "");
  EXPECT_EQ(CheckSignature({"GET", kUrl, "", "", signature}, {"", ""}).message(), "SIGNATURE_MISMATCH");
}

TEST(SignatureTest, TheReasonIsTold) {
  EXPECT_EQ(CheckSignature({"GET", kUrl, "", "", ""}, {"t"}).message(), "SIGNATURE_MISSING");
  EXPECT_EQ(CheckSignature({"GET", kUrl, "", "", "x"}, {"t"}).message(), "SIGNATURE_MISMATCH");
  EXPECT_EQ(
      CheckSignature({"POST", kUrl, "application/json; charset=utf-8", "{}", Sign(kUrl, {}, "t")}, {"t"}).message(),
      "BODY_DIGEST_MISMATCH");
  EXPECT_EQ(CheckSignature({"GET", kUrl, "", "", "x"}, {"t"}).code(), absl::StatusCode::kUnauthenticated);
}

TEST(SignatureTest, TheBodyOfAGetIsNotSigned) {
  EXPECT_TRUE(CheckSignature({"GET", kUrl, kFormType, "CallSid=CA666", Sign(kUrl, {}, "t")}, {"t"}).ok());
}

TEST(SignatureTest, AnyBodyThatIsNotJsonIsSignedAsAForm) {
  EXPECT_FALSE(CheckSignature({"POST", kUrl, "text/plain", "CallSid=CA666", Sign(kUrl, {}, "t")}, {"t"}).ok());
}

TEST(SignatureTest, VariantsOfPortsAndUserNames) {
  EXPECT_THAT(SignedUrlVariants("https://h.example/a?b=c#rc=5"),
              ElementsAre("https://h.example/a?b=c", "https://h.example:443/a?b=c"));
  EXPECT_THAT(SignedUrlVariants("http://h.example:8080/a"),
              ElementsAre("http://h.example:8080/a", "http://h.example/a"));
  EXPECT_THAT(SignedUrlVariants("https://u:p@h.example/a"),
              ElementsAre("https://u:p@h.example/a", "https://u:p@h.example:443/a", "https://h.example/a",
                          "https://h.example:443/a"));
  EXPECT_THAT(SignedUrlVariants("https://[::1]:8443/a"), ElementsAre("https://[::1]:8443/a", "https://[::1]/a"));
  EXPECT_THAT(SignedUrlVariants("https://[::1]/a"), ElementsAre("https://[::1]/a", "https://[::1]:443/a"));
}

TEST(SignatureTest, VariantsOfWebSocketsAndApostrophes) {
  EXPECT_THAT(SignedUrlVariants("wss://h.example/s"), ElementsAre("wss://h.example/s", "wss://h.example:443/s",
                                                                  "wss://h.example/s/", "wss://h.example:443/s/"));
  EXPECT_THAT(SignedUrlVariants("ws://h.example"),
              ElementsAre("ws://h.example", "ws://h.example:80", "ws://h.example/", "ws://h.example:80/"));
  EXPECT_THAT(SignedUrlVariants("https://h.example/it's?a=it's"),
              ElementsAre("https://h.example/it's?a=it's", "https://h.example:443/it's?a=it's",
                          "https://h.example/it's?a=it%27s", "https://h.example:443/it's?a=it%27s"));
}

TEST(SignatureTest, NoTextBreaksTheVariants) {
  for (const char* url :
       {"", "?", "#", "://", "https://", "https://@", "https://[", "https://:", "@:?'", "wss://]:["}) {
    EXPECT_FALSE(SignedUrlVariants(url).empty()) << url;
  }
}

}  // namespace
}  // namespace trunkline::providers::twilio
