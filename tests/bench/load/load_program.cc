#include "tests/bench/load/load_program.h"

#include <sys/resource.h>

#include <exception>
#include <iostream>

#include "libs/base/log.h"

namespace trunkline::bench {

int RunLoadProgram(std::string_view name, const std::function<void()>& program) {
  StartLog(name, LogLevel::kError);
  try {
    program();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace trunkline::bench
