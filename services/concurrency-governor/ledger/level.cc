#include "services/concurrency-governor/ledger/level.h"

namespace trunkline::governor {

std::vector<LevelKey> Subject::Levels() const {
  std::vector<LevelKey> levels;
  ForEachLevel([&levels](LevelView level) { levels.push_back({level.level, std::string(level.id)}); });
  return levels;
}

bool Subject::CountsAt(Level level) const {
  bool counts = false;
  ForEachLevel([&](LevelView view) { counts |= view.level == level; });
  return counts;
}

Subject Subject::With(const Subject& chosen) const {
  Subject all = *this;
  if (all.provider_account_id.empty()) all.provider_account_id = chosen.provider_account_id;
  if (all.caller_number.empty()) all.caller_number = chosen.caller_number;
  return all;
}

bool Subject::Answers(const Subject& wish) const { return *this == wish.With(*this); }

}  // namespace trunkline::governor
