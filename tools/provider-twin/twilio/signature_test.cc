#include "tools/provider-twin/twilio/signature.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tests/support/source_path.h"

namespace trunkline::twin::twilio {
namespace {

// Every published signature over the URL as it is and a form, or over a URL alone.
TEST(SignatureTest, AgreesWithThePublishedVectors) {
  const auto vectors = ParseJson(ReadSourceFile("libs/providers/twilio/testdata/twilio_signatures.json"));
  int checked = 0;
  for (const auto& vector : vectors) {
    const auto& inputs = vector["inputs"];
    const auto& expected = vector["expected"];
    const bool as_is = expected.value("valid", false) && expected.value("variant", nlohmann::json("")) == "as_is";
    if (!as_is) continue;
    // A JSON body is covered by a parameter of the URL, and its fields are not signed.
    const bool is_form = inputs.value("content_type", nlohmann::json("")) == "application/x-www-form-urlencoded";
    Form form;
    if (is_form && inputs["method"] == "POST") {
      for (const auto& pair : inputs["params"]) form.emplace_back(pair[0], pair[1]);
    }
    EXPECT_EQ(Sign(inputs["auth_token"].get<std::string>(), inputs["url"].get<std::string>(), form),
              expected["signature"].get<std::string>())
        << vector["name"];
    ++checked;
  }
  EXPECT_GE(checked, 30);
}

}  // namespace
}  // namespace trunkline::twin::twilio
