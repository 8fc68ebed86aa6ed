#pragma once

#include <cstddef>
#include <vector>

#include "stage.h"

namespace nbreplay::bench {

/// Executes `prefix`, then forks `count` runners from the snapshot after it, one after the other.
/// Milliseconds of each, from asking for the fork to the runner's end: fork, a trivial cell, exit.
/// What a trial needs besides (its files, its limits, its environment) is left out.
[[nodiscard]] std::vector<double> time_forks(const Stage& stage, const Prefix& prefix,
                                             std::size_t count);

}  // namespace nbreplay::bench
