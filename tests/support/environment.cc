#include "tests/support/environment.h"

#include <cstdio>
#include <cstdlib>

namespace trunkline::testing_support {

std::string Required(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) {
    std::fprintf(stderr, "%s is not set: run integration tests with './trunkline test'\n", variable);
    std::exit(1);
  }
  return value;
}

}  // namespace trunkline::testing_support
