#include "tests/conformance/provider_case.h"

#include <algorithm>
#include <utility>

namespace trunkline::conformance {
namespace {

std::vector<ProviderCase>& Cases() {
  static std::vector<ProviderCase> cases;
  return cases;
}

}  // namespace

bool RegisterCase(ProviderCase (*make)()) noexcept {
  ProviderCase provider_case = make();
  std::vector<ProviderCase>& cases = Cases();
  const auto place =
      std::upper_bound(cases.begin(), cases.end(), provider_case,
                       [](const ProviderCase& a, const ProviderCase& b) { return a.provider < b.provider; });
  cases.insert(place, std::move(provider_case));
  return true;
}

const std::vector<ProviderCase>& AllCases() { return Cases(); }

}  // namespace trunkline::conformance
