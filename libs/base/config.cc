#include "libs/base/config.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "libs/base/log.h"
#include "libs/base/nearest_name.h"
#include "libs/base/secrets.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

std::string EnvironmentName(std::string_view name) {
  std::string out = "TRUNKLINE_";
  for (const char c : name) out.push_back(c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
  return out;
}

std::string WithPlain(std::string_view help, std::string_view plain) {
  return plain.empty() ? std::string(help) : Concat(help, "; also as ", plain);
}

}  // namespace

ConfigReader::ConfigReader(std::string_view program, std::string_view purpose, int argc, const char* const* argv)
    : program_(program), purpose_(purpose) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      help_wanted_ = true;
    } else if (argument == "--check-config") {
      check_only_ = true;
    } else if (argument.starts_with("--") && argument.find('=') != std::string_view::npos) {
      const size_t equals = argument.find('=');
      flags_.emplace_back(argument.substr(2, equals - 2), argument.substr(equals + 1));
    } else {
      problems_.push_back(Concat("cannot read argument '", argument, "'; settings are written --name=value"));
    }
  }
}

std::optional<std::string> ConfigReader::Lookup(std::string_view name, std::string_view plain) const {
  for (auto flag = flags_.rbegin(); flag != flags_.rend(); ++flag) {
    if (flag->first == name) return flag->second;
  }
  if (const char* value = std::getenv(EnvironmentName(name).c_str()); value != nullptr) return value;
  if (plain.empty()) return std::nullopt;
  if (const char* value = std::getenv(std::string(plain).c_str()); value != nullptr) return value;
  return std::nullopt;
}

void ConfigReader::Remember(std::string_view name, std::string_view fallback, std::string_view help,
                            std::string_view value, bool secret) {
  entries_.push_back({std::string(name), std::string(fallback), std::string(help), std::string(value), secret});
}

void ConfigReader::Complain(std::string_view name, std::string_view problem) {
  problems_.push_back(Concat("--", name, " (or ", EnvironmentName(name), ") ", problem));
}

std::string ConfigReader::Text(std::string_view name, std::optional<std::string_view> fallback, std::string_view help,
                               std::string_view plain) {
  const std::optional<std::string> given = Lookup(name, plain);
  if (!given.has_value() && !fallback.has_value()) Complain(name, "is required");
  const std::string value = given.value_or(std::string(fallback.value_or("")));
  Remember(name, fallback.value_or("required"), WithPlain(help, plain), value);
  return value;
}

int64_t ConfigReader::Int(std::string_view name, std::optional<int64_t> fallback, int64_t smallest, int64_t largest,
                          std::string_view help, std::string_view plain) {
  const std::optional<std::string> given = Lookup(name, plain);
  std::optional<int64_t> value = given.has_value() ? ParseInt(*given) : fallback;
  if (!given.has_value() && !fallback.has_value()) {
    Complain(name, "is required");
  } else if (!value.has_value() || *value < smallest || *value > largest) {
    Complain(name,
             Concat("must be a whole number from ", smallest, " to ", largest, ", not '", given.value_or(""), "'"));
  }
  Remember(name, fallback.has_value() ? Concat(*fallback) : "required", WithPlain(help, plain),
           Concat(value.value_or(0)));
  return value.value_or(0);
}

bool ConfigReader::Bool(std::string_view name, bool fallback, std::string_view help) {
  const std::string value = Choice(name, fallback ? "true" : "false", {"true", "false"}, help);
  return value == "true";
}

absl::Duration ConfigReader::Duration(std::string_view name, absl::Duration fallback, std::string_view help) {
  const std::optional<std::string> given = Lookup(name);
  absl::Duration value = fallback;
  if (given.has_value() && (!absl::ParseDuration(*given, &value) || value < absl::ZeroDuration())) {
    Complain(name, Concat("must be a time like 250ms, 5s or 2m, not '", *given, "'"));
  }
  Remember(name, absl::FormatDuration(fallback), help, absl::FormatDuration(value));
  return value;
}

std::string ConfigReader::Secret(std::string_view name, bool required, std::string_view help) {
  const std::optional<std::string> given = Lookup(name);
  std::string value;
  if (given.has_value()) {
    const absl::StatusOr<std::string> resolved = ResolveSecret(*given, SecretsDirectoryFromEnvironment());
    if (resolved.ok()) {
      value = *resolved;
    } else {
      Complain(name, ToStd(resolved.status().message()));
    }
  } else if (required) {
    Complain(name, "is required");
  }
  Remember(name, required ? "required" : "none", help, value.empty() ? "" : "(secret)", true);
  return value;
}

std::string ConfigReader::Choice(std::string_view name, std::string_view fallback,
                                 const std::vector<std::string_view>& choices, std::string_view help) {
  const std::string value = Lookup(name).value_or(std::string(fallback));
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    std::string known;
    for (const std::string_view choice : choices) known += Concat(known.empty() ? "" : ", ", choice);
    Complain(name, Concat("must be one of ", known, ", not '", value, "'"));
  }
  Remember(name, fallback, help, value);
  return value;
}

std::vector<std::string> ConfigReader::List(std::string_view name, std::string_view fallback, std::string_view help) {
  std::vector<std::string> values;
  const std::string text = Text(name, fallback, help);
  for (const std::string_view piece : Split(text, ',')) {
    if (!Trim(piece).empty()) values.emplace_back(Trim(piece));
  }
  return values;
}

absl::Status ConfigReader::Check() const {
  std::vector<std::string> problems = problems_;
  for (const auto& [flag, value] : flags_) {
    if (std::any_of(entries_.begin(), entries_.end(), [&, &name = flag](const Entry& e) { return e.name == name; })) {
      continue;
    }
    std::vector<std::string_view> names;
    names.reserve(entries_.size());
    for (const Entry& entry : entries_) names.push_back(entry.name);
    const std::optional<std::string_view> nearest = NearestName(flag, names);
    problems.push_back(
        Concat("there is no setting --", flag, nearest.has_value() ? Concat("; did you mean --", *nearest, "?") : ""));
  }
  if (problems.empty()) return absl::OkStatus();
  std::string message;
  for (const std::string& problem : problems) message += Concat(message.empty() ? "" : "\n", problem);
  return absl::InvalidArgumentError(message);
}

std::string ConfigReader::Help() const {
  std::string out = Concat(program_, ": ", purpose_, "\n\nSettings, as --name=value or as environment variables:\n");
  for (const Entry& entry : entries_) {
    out += Concat("  --", entry.name, "  (", EnvironmentName(entry.name), ", default: ", entry.fallback, ")\n      ",
                  entry.help, "\n");
  }
  return out + "  --check-config\n      checks the settings and ends\n";
}

std::string ConfigReader::Effective() const {
  std::string out;
  for (const Entry& entry : entries_) out += Concat(out.empty() ? "" : " ", entry.name, "=", entry.value);
  return out;
}

void ConfigReader::Finish() const {
  if (help_wanted_) {
    std::fputs(Help().c_str(), stdout);
    std::exit(0);
  }
  if (const absl::Status status = Check(); !status.ok()) {
    std::fprintf(stderr, "%s: the settings are wrong:\n%s\n(--help lists them)\n", program_.c_str(),
                 std::string(status.message()).c_str());
    std::exit(2);
  }
  if (check_only_) std::exit(0);
  LogInfo("settings", {{"effective", Effective()}});
}

LogLevel ReadLogLevel(ConfigReader& reader) {
  const std::string level =
      reader.Choice("log-level", "info", {"debug", "info", "warning", "error"}, "lowest level that is logged");
  if (level == "debug") return LogLevel::kDebug;
  if (level == "warning") return LogLevel::kWarning;
  return level == "error" ? LogLevel::kError : LogLevel::kInfo;
}

}  // namespace trunkline
