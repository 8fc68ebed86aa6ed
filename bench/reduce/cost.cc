#include "cost.h"

#include <numeric>

namespace nbreplay::bench {

Cost::Cost(const Notebook& notebook)
    : notebook_(notebook),
      base_run_(std::accumulate(notebook.costs.begin(), notebook.costs.end(), 0.0)) {}

void Cost::run(const reduce::Subset& kept) {
  const auto error = notebook_.first_foreign_error(kept);
  std::size_t prefix = 0;
  for (std::size_t i = 0; i < error.value_or(kept.size()); ++i) {
    const double cost = notebook_.costs[kept[i]];
    fresh_ += cost;
    const auto [found, is_new] = next_.try_emplace({prefix, kept[i]}, next_.size() + 1);
    if (is_new) with_snapshots_ += cost;
    prefix = found->second;
  }
  if (error) return;
  fresh_ += notebook_.costs.back();
  with_snapshots_ += notebook_.costs.back();
}

}  // namespace nbreplay::bench
