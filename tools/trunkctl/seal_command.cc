#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/encoding.h"
#include "libs/base/environment_seal.h"
#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {
namespace {

constexpr size_t kKeyBytes = 32;

struct SealOptions {
  std::string key;
  std::string variable;
};

absl::Status Print(const SealOptions& options) {
  TL_ASSIGN_OR_RETURN(const std::string text, ResolveSecret(options.key, SecretsDirectoryFromEnvironment()));
  const std::optional<std::string> key = HexDecode(text);
  if (!key.has_value() || key->size() != kKeyBytes) {
    return absl::InvalidArgumentError("--credential-key must be the gateway's: 64 hexadecimal digits");
  }
  std::string value(std::istreambuf_iterator<char>(std::cin), {});
  while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
  if (value.empty()) return absl::InvalidArgumentError("the value is read from standard input, and there is none");
  PrintLine(SealForEnvironment(*key, options.variable, value));
  return absl::OkStatus();
}

}  // namespace

void AddSealCommand(CLI::App& app, Context& context) {
  const auto options = std::make_shared<SealOptions>();
  CLI::App* command = app.add_subcommand(
      "seal", "Seals a secret for an environment variable of the gateway; reads it from standard input.");
  command->add_option("--credential-key", options->key, "the gateway's key, or secret:NAME")
      ->envname("TRUNKLINE_CREDENTIAL_KEY")
      ->required();
  command->add_option("variable", options->variable, "the variable that is to hold it, such as X_API_KEY_ENCRYPTED")
      ->required();
  command->callback([options, &context] { context.run = [options] { return Print(*options); }; });
}

}  // namespace trunkline::trunkctl
