#include "libs/base/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "libs/base/text.h"

namespace trunkline {
namespace {

// Levenshtein.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string_view> NearestName(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string wanted = Lower(name);
  std::optional<std::string_view> nearest;
  size_t least = 0;
  for (const std::string_view candidate : candidates) {
    const size_t distance = Distance(Lower(candidate), wanted);
    if (nearest.has_value() && distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

}  // namespace trunkline
