#pragma once

#include <cstddef>
#include <map>
#include <utility>

#include "notebook.h"

namespace nbreplay::bench {

/// What running subsets costs, in base runs (one run of everything). A run ends at the first
/// foreign error; the cell that raises it costs nothing.
class Cost {
 public:
  explicit Cost(const Notebook& notebook);

  void run(const reduce::Subset& kept);

  /// Every run in a fresh process.
  [[nodiscard]] double fresh() const { return fresh_ / base_run_; }
  /// With a snapshot after every prefix that ran before; forking is free. The run that first showed
  /// the crash was fresh, and left none.
  [[nodiscard]] double with_snapshots() const { return with_snapshots_ / base_run_; }

 private:
  const Notebook& notebook_;
  double base_run_ = 0;
  double fresh_ = 0;
  double with_snapshots_ = 0;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> next_;  // (prefix, cell) → prefix
};

}  // namespace nbreplay::bench
