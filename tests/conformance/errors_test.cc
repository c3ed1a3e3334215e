// What providers document of their errors is known to their adapters, and docs/provider-errors.md tells what they make
// of it. The codes are listed in documented_codes/.
#include <gtest/gtest.h>

#include <fstream>
#include <utility>
#include <vector>

#include "libs/telephony/call_status.h"
#include "tests/conformance/provider_case.h"
#include "tests/support/source_path.h"
#include "tests/support/written_part.h"

namespace trunkline::conformance {
namespace {

struct Listed {
  DocumentedCode code;
  std::string meaning;  // in the provider's words
};

// "where,code,meaning", below a heading; the meaning may have commas.
std::vector<Listed> CodesOf(const std::string& provider) {
  std::vector<Listed> codes;
  std::ifstream file(SourcePath(Concat("tests/conformance/documented_codes/", provider, ".csv")));
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const size_t first = line.find(',');
    const size_t second = line.find(',', first + 1);
    codes.push_back({{line.substr(0, first), line.substr(first + 1, second - first - 1)}, line.substr(second + 1)});
  }
  return codes;
}

std::string Row(const Listed& listed, const CodeMeaning& meaning) {
  const bool failed = meaning.error.code() != calls::v1::CALL_ERROR_CODE_UNSPECIFIED;
  const bool has_cause = meaning.cause != calls::v1::HANGUP_CAUSE_UNSPECIFIED;
  return Concat("| ", listed.code.where, " | ", listed.code.code, " | ", listed.meaning, " | ",
                failed ? calls::v1::CallErrorCode_Name(meaning.error.code()).substr(16) : std::string(), " | ",
                failed && meaning.error.retryable() ? "yes" : "", " | ",
                has_cause ? telephony::NameOf(meaning.cause) : std::string(), " | ", meaning.error.message(), " |\n");
}

std::string Tables() {
  std::string text;
  for (const ProviderCase& provider_case : AllCases()) {
    if (provider_case.meaning_of == nullptr) continue;
    text += Concat("\n## ", provider_case.provider,
                   "\n\n| told by | code | the provider's words | CallError | retryable | hangup cause | message |\n"
                   "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (const Listed& listed : CodesOf(provider_case.provider)) {
      text += Row(listed, provider_case.meaning_of(listed.code).value_or(CodeMeaning()));
    }
  }
  return text + "\n";
}

TEST(ProviderErrors, EveryDocumentedCodeIsKnown) {
  for (const ProviderCase& provider_case : AllCases()) {
    if (provider_case.meaning_of == nullptr) continue;
    const std::vector<Listed> codes = CodesOf(provider_case.provider);
    EXPECT_GE(codes.size(), 20u) << provider_case.provider << " lists too few codes";
    for (const Listed& listed : codes) {
      SCOPED_TRACE(Concat(provider_case.provider, " ", listed.code.where, " ", listed.code.code));
      const auto meaning = provider_case.meaning_of(listed.code);
      ASSERT_TRUE(meaning.has_value()) << "the adapter does not know it";
      const bool failed = meaning->error.code() != calls::v1::CALL_ERROR_CODE_UNSPECIFIED;
      EXPECT_TRUE(failed || meaning->cause != calls::v1::HANGUP_CAUSE_UNSPECIFIED) << "it says nothing";
      EXPECT_EQ(failed, !meaning->error.message().empty());
    }
  }
}

TEST(ProviderErrors, WhatIsNotDocumentedIsNotKnown) {
  for (const ProviderCase& provider_case : AllCases()) {
    if (provider_case.meaning_of == nullptr) continue;
    EXPECT_FALSE(provider_case.meaning_of({"API", "999999"}).has_value()) << provider_case.provider;
  }
}

TEST(ProviderErrors, AreThoseOfTheDocument) {
  testing_support::ExpectWrittenPart("docs/provider-errors.md", "errors", "provider_conformance_test", Tables());
}

}  // namespace
}  // namespace trunkline::conformance
