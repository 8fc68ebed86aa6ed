#pragma once

#include <vector>

#include "stage.h"

namespace nbreplay::bench {

struct LaunchTimes {
  std::vector<double> open;       ///< Without a sandbox, milliseconds.
  std::vector<double> sandboxed;  ///< In one.
};

/// From spawning the launcher to its word that the worker's program is executed, by turns.
[[nodiscard]] LaunchTimes time_launches(const Stage& stage, std::size_t count);

/// What it takes to show another view, by the number of layers that it stands on.
[[nodiscard]] std::vector<double> time_views(const Stage& stage, std::size_t deepest);

}  // namespace nbreplay::bench
