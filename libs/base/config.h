// A program's settings, from flags (--http-port=8080), environment (TRUNKLINE_HTTP_PORT) and defaults, in this order.
//
//   ConfigReader reader("normalizer", "Turns raw webhooks into calls.", argc, argv);
//   config.http_port = reader.Int("http-port", 8080, 0, 65535, "port of /metrics, /healthz and /readyz; 0 picks one");
//   config.database_url = reader.Secret("database-url", "connection string");
//   reader.Finish();
//
// Every name is read exactly once. Finish() knows then which flags exist: it prints --help, refuses unknown flags (and
// names the nearest one) and wrong values, all of them at once, and with --check-config ends the program after that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/log.h"

namespace trunkline {

class ConfigReader {
 public:
  ConfigReader(std::string_view program, std::string_view purpose, int argc, const char* const* argv);

  // Without a default value the setting is required. `plain` is another environment variable that operators know the
  // setting by, such as GLOBAL_MAX_CALLS; TRUNKLINE_NAME comes before it.
  std::string Text(std::string_view name, std::optional<std::string_view> fallback, std::string_view help,
                   std::string_view plain = {});
  int64_t Int(std::string_view name, std::optional<int64_t> fallback, int64_t smallest, int64_t largest,
              std::string_view help, std::string_view plain = {});
  bool Bool(std::string_view name, bool fallback, std::string_view help);
  // Written like 250ms, 5s, 2m.
  absl::Duration Duration(std::string_view name, absl::Duration fallback, std::string_view help);
  // A value that must not be seen: given as "secret:NAME" (a file of the secrets directory), or in clear. An optional
  // one that is not given is empty.
  std::string Secret(std::string_view name, bool required, std::string_view help);
  // One of `choices`.
  std::string Choice(std::string_view name, std::string_view fallback, const std::vector<std::string_view>& choices,
                     std::string_view help);
  // Comma-separated pieces; empty pieces are left out.
  std::vector<std::string> List(std::string_view name, std::string_view fallback, std::string_view help);

  // Reports a value that breaks a rule of the program's own, together with all others: Complain("key", "must be ...").
  void Complain(std::string_view name, std::string_view problem);

  // What is wrong, all at once; OK when nothing is. For tests and for Finish().
  absl::Status Check() const;
  // The text of --help.
  std::string Help() const;
  // Settings in effect, "name=value" a line, secrets as "(secret)".
  std::string Effective() const;
  // Prints help or errors and ends the program where that is asked for or needed; logs the effective settings else.
  void Finish() const;

 private:
  struct Entry {
    std::string name;
    std::string fallback;
    std::string help;
    std::string value;
    bool secret = false;
  };

  std::optional<std::string> Lookup(std::string_view name, std::string_view plain = {}) const;
  void Remember(std::string_view name, std::string_view fallback, std::string_view help, std::string_view value,
                bool secret = false);

  std::string program_;
  std::string purpose_;
  std::vector<std::pair<std::string, std::string>> flags_;
  bool help_wanted_ = false;
  bool check_only_ = false;
  std::vector<Entry> entries_;
  std::vector<std::string> problems_;
};

// The setting log-level, which every service has: debug, info, warning or error.
LogLevel ReadLogLevel(ConfigReader& reader);

}  // namespace trunkline
