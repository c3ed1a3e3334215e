#include "services/concurrency-governor/ledger/level.h"

namespace trunkline::governor {

std::vector<LevelKey> Subject::Levels() const {
  std::vector<LevelKey> levels;
  ForEachLevel([&levels](LevelView level) { levels.push_back({level.level, std::string(level.id)}); });
  return levels;
}

}  // namespace trunkline::governor
